-- Reserve turns to send by a channel, if its next one is due; who asks too early gets no row.
insert into paces (
    channel, next_ms
)
values (
    :channel, :first_ms
)
on conflict (channel) do update set
    next_ms = :span_ms + case
        when paces.next_ms between :late_ms and :far_ms then paces.next_ms
        else :late_ms
    end
where paces.next_ms <= :open_ms or paces.next_ms > :far_ms
returning next_ms
