package services

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// daemons are accounts with few rights, the first that exists is taken.
func daemons(own string) []string { return []string{own, "nobody"} }

// Redis runs redis-server; extra are more arguments, as "--maxmemory", "64mb".
// Without any it keeps nothing on disk.
func Redis(extra ...string) (Spec, error) {
	program, err := Find("redis-server")
	return Spec{
		Name: "Redis", Program: program, Users: daemons("redis"),
		Args: func(s *Server) []string {
			return append([]string{"--bind", "127.0.0.1", "--port", fmt.Sprint(s.Spec.Port), "--dir", s.Dir(),
				"--save", "", "--appendonly", "no", "--daemonize", "no", "--protected-mode", "no", "--enable-debug-command", "local"}, extra...)
		},
		Ready: func(ctx context.Context, s *Server) error { return says(ctx, s, "PING\r\n", "+PONG") },
	}, err
}

// Memcached runs memcached with some MB of memory.
func Memcached(megabytes int) (Spec, error) {
	program, err := Find("memcached")
	return Spec{
		Name: "memcached", Program: program, Users: daemons("memcache"),
		Args: func(s *Server) []string {
			args := []string{"-l", "127.0.0.1", "-p", fmt.Sprint(s.Spec.Port), "-U", "0", "-m", fmt.Sprint(megabytes), "-c", "4096", "-t", "2"}
			if os.Geteuid() == 0 && s.cred == nil {
				args = append(args, "-u", "nobody")
			}
			return args
		},
		Ready: func(ctx context.Context, s *Server) error { return says(ctx, s, "version\r\n", "VERSION") },
	}, err
}

// S3 runs versitygw, which keeps its buckets as directories. dirs are where the
// program may be besides PATH. The region is us-east-1.
func S3(access, secret string, dirs ...string) (Spec, error) {
	program, err := Find("versitygw", dirs...)
	return Spec{
		Name: "S3", Program: program,
		Env: []string{"ROOT_ACCESS_KEY=" + access, "ROOT_SECRET_KEY=" + secret},
		Args: func(s *Server) []string {
			return []string{"--port", s.Addr(), "--quiet", "--health", "/health", "posix", "--nometa=false", "--sidecar", s.Path("meta"), s.Path("buckets")}
		},
		Prepare: func(s *Server) error {
			for _, d := range []string{"meta", "buckets"} {
				if err := os.MkdirAll(s.Path(d), 0o700); err != nil {
					return err
				}
				if err := s.Give(s.Path(d)); err != nil {
					return err
				}
			}
			return nil
		},
		Ready: func(ctx context.Context, s *Server) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Addr()+"/health", nil)
			if err != nil {
				return err
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return fmt.Errorf("health answers %s", resp.Status)
			}
			return nil
		},
	}, err
}

// PgBouncer runs a PgBouncer in transaction mode. databases are the lines of its
// section [databases]; settings are more lines of its section [pgbouncer]. Anybody
// on this machine may connect, so each database must name its user.
func PgBouncer(databases, settings []string) (Spec, error) {
	program, err := Find("pgbouncer")
	return Spec{
		Name: "PgBouncer", Program: program, Users: daemons("postgres"),
		Args: func(s *Server) []string { return []string{"--quiet", s.Path("pgbouncer.ini")} },
		Prepare: func(s *Server) error {
			lines := append([]string{"[databases]"}, databases...)
			lines = append(lines, "[pgbouncer]", "listen_addr = 127.0.0.1", fmt.Sprintf("listen_port = %d", s.Spec.Port), "unix_socket_dir =",
				"pool_mode = transaction", "auth_type = any", "admin_users = postgres", "max_client_conn = 2000", "default_pool_size = 20")
			lines = append(lines, settings...)
			return s.Write("pgbouncer.ini", strings.Join(lines, "\n")+"\n")
		},
		Stop: 2, // SIGINT lets transactions under way end; SIGTERM does not
	}, err
}

// Nginx runs nginx with a configuration that is written anew for each start.
// It should say daemon off, and keep its files in the server's directory.
func Nginx(configuration func(s *Server) string) (Spec, error) {
	program, err := Find("nginx")
	return Spec{
		Name: "nginx", Program: program,
		Args: func(s *Server) []string {
			return []string{"-p", s.Dir(), "-e", "stderr", "-c", s.Path("nginx.conf"), "-g", "daemon off;"}
		},
		Prepare: func(s *Server) error { return s.Write("nginx.conf", configuration(s)) },
		Stop:    3, // SIGQUIT lets requests under way end
	}, err
}

// says sends a line and compares the beginning of the answer.
func says(ctx context.Context, s *Server, send, want string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.Addr())
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte(send)); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, want) {
		return fmt.Errorf("it answers %q", strings.TrimSpace(line))
	}
	return nil
}
