-- Who entered and left each stretch of the line.
update blocks set
    waiting = blocks.waiting + :change
where blocks.show_id = :show_id and blocks.block = :block
