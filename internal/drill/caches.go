package drill

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

// memcachedLoss kills one memcached, then both, and starts them empty.
func memcachedLoss(ctx context.Context, s *Site) (string, error) {
	return unnoticed(ctx, s, "memcached killed, one, then both, and started empty", func(ctx context.Context) error {
		for _, name := range []string{"memcached-1", "memcached-2"} {
			if err := s.Fleet.Kill(name); err != nil {
				return err
			}
			if err := s.pause(ctx, 4*time.Second); err != nil {
				return err
			}
		}
		for _, name := range []string{"memcached-1", "memcached-2"} {
			if err := s.Fleet.StartMember(ctx, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// redisLoss empties both Redis, then kills one and starts it empty.
func redisLoss(ctx context.Context, s *Site) (string, error) {
	return unnoticed(ctx, s, "Redis emptied, then one killed", func(ctx context.Context) error {
		for _, name := range []string{"redis-1", "redis-2"} {
			if err := flush(ctx, s.Fleet.Addr(name)); err != nil {
				return fmt.Errorf("emptying %s: %w", name, err)
			}
		}
		if err := s.pause(ctx, 5*time.Second); err != nil {
			return err
		}
		if err := s.Fleet.Kill("redis-1"); err != nil {
			return err
		}
		if err := s.pause(ctx, 5*time.Second); err != nil {
			return err
		}
		return s.Fleet.StartMember(ctx, "redis-1")
	})
}

// flush empties a Redis, in its protocol, as redis-cli would.
func flush(ctx context.Context, addr string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("FLUSHALL\r\n")); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.HasPrefix(answer, "+OK") {
		err = fmt.Errorf("it answers %q", answer)
	}
	return err
}
