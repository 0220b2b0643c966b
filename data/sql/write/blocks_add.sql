-- Who entered and left each stretch of the line.
update blocks set
    waiting = waiting + :change
where show_id = :show_id and block = :block
