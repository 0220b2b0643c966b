-- Erase the documents of a show that is over.
delete from documents
where documents.show_id = :show_id
