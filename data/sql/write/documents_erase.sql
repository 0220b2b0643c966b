-- Erase the documents of a show that is over.
delete from documents
where show_id = :show_id
