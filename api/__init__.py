"""The HTTP room: webhooks of providers, health, figures. No rule lives here.

Starlette, because what is needed is little: routes, raw bodies, ASGI. A framework that validates
bodies would read them before their signature is checked; the REST API that comes later can be
mounted beside this with whatever it needs. uvicorn serves it (`app.serving`).
"""
