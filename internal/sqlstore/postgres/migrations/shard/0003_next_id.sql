-- next_id as before, but through a pooler, and with no way to go back.
--
-- A ticket counts (millisecond, number) pairs: millisecond in ticket >> 10, number in ticket & 1023. Every
-- call takes one with nextval, so IDs are unique, and above all earlier ones of the shard, whatever the clock
-- does. Where the clock has moved past the ticket's millisecond, one caller pulls the tickets forward: the one
-- who has the lock. The others use their ticket as it is.
--
-- The lock is held until the transaction ends (a lock of the session could be left behind on a connection of a
-- pooler), so the tickets may be behind by as long as the longest of the writes that are under way.
--
-- setval could take the tickets back, if others take many between the last look at them and the setval. So
-- "pulls" is odd during a pull, and goes up with each: whoever took a ticket while it was odd, or
-- changed, takes another. Should a puller die, or the server, and leave it odd, the next caller pulls.
CREATE SEQUENCE {s}pulls AS BIGINT MINVALUE 0 START 1;

-- 1292599296000000 is the epoch of IDs, 2010-01-01, in tickets. Doubles are exact here, and quicker than numerics.
CREATE OR REPLACE FUNCTION {s}next_id() RETURNS BIGINT LANGUAGE plpgsql AS $next_id$
DECLARE
    before BIGINT;
    ticket BIGINT;
    by_clock BIGINT;
BEGIN
    LOOP
        before := coalesce(pg_sequence_last_value('{s}pulls'::regclass), 0);
        IF before & 1 = 0 THEN
            ticket := nextval('{s}id_seq');
            CONTINUE WHEN coalesce(pg_sequence_last_value('{s}pulls'::regclass), 0) <> before;
            EXIT WHEN ticket >= (date_part('epoch', clock_timestamp()) * 1024000 - 1292599296000000)::BIGINT & -1024
                OR NOT pg_try_advisory_xact_lock(20100101, {shard});
        ELSE
            CONTINUE WHEN NOT pg_try_advisory_xact_lock(20100101, {shard});
        END IF;
        IF coalesce(pg_sequence_last_value('{s}pulls'::regclass), 0) & 1 = 0 THEN
            PERFORM nextval('{s}pulls');
        END IF;
        ticket := nextval('{s}id_seq');
        by_clock := (date_part('epoch', clock_timestamp()) * 1024000 - 1292599296000000)::BIGINT & -1024;
        IF ticket < by_clock THEN
            ticket := setval('{s}id_seq', by_clock);
        END IF;
        PERFORM nextval('{s}pulls');
        EXIT;
    END LOOP;
    RETURN ((ticket & -1024) << 12) | ({shard}::BIGINT << 10) | (ticket & 1023);
END
$next_id$;
