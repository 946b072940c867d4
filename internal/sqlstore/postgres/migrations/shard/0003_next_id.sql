-- next_id as before, but quicker, through a pooler, and with no way to go back.
--
-- A ticket counts (millisecond, number) pairs: millisecond in ticket >> 10, number in ticket & 1023. Every
-- call takes one with nextval, so IDs are unique, and above all earlier ones of the shard, whatever the clock does.
-- Where the tickets are more than 16 milliseconds behind the clock, one caller pulls them forward:
-- the one who has the lock. The others use their ticket as it is.
--
-- The lock is held until the transaction ends (a lock of the session could be left behind on a connection
-- of a pooler), so the tickets may be behind by as long as the longest of the writes that are under way.
--
-- setval must not take the tickets back: from the last look at them to the setval 16,384 tickets would have to
-- be taken by others, in less than the 4 milliseconds after which the clock is found to have gone on and the pull is left to the next caller.
--
-- 1292599296000000 is the epoch of IDs, 2010-01-01, in tickets; the arithmetic is in doubles, which are exact here
-- and quicker than numerics.
CREATE OR REPLACE FUNCTION {s}next_id() RETURNS BIGINT LANGUAGE plpgsql AS $next_id$
DECLARE
    ticket BIGINT := nextval('{s}id_seq');
    by_clock BIGINT;
BEGIN
    IF ticket < (date_part('epoch', clock_timestamp()) * 1024000 - 1292599296016384)::BIGINT
        AND pg_try_advisory_xact_lock(20100101, {shard}) THEN
        by_clock := (date_part('epoch', clock_timestamp()) * 1024000 - 1292599296000000)::BIGINT;
        ticket := nextval('{s}id_seq');
        IF ticket < by_clock - 16384
            AND (date_part('epoch', clock_timestamp()) * 1024000 - 1292599296000000)::BIGINT - by_clock < 4096 THEN
            ticket := setval('{s}id_seq', by_clock);
        END IF;
    END IF;
    RETURN ((ticket & -1024) << 12) | ({shard}::BIGINT << 10) | (ticket & 1023);
END
$next_id$;
