package render

import (
	"fmt"
	"os"
	"runtime"
	"slices"

	"github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// on is what a layer of the cage that works says of itself.
const on = "on"

// limit sets the limits that hold from the start, before a library is loaded.
func limit(memory int64) string {
	// If the machine itself runs out of memory, this is the process to lose.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
	// No core dump, and no debugger: what is in here belongs to a stranger.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return err.Error()
	}
	for _, l := range []struct {
		name string
		what int
		max  uint64
	}{
		{"core", unix.RLIMIT_CORE, 0},
		{"fsize", unix.RLIMIT_FSIZE, 0},
		{"data", unix.RLIMIT_DATA, uint64(memory)},
		// What counts as data is what matters; this is for what does not, such as
		// shared memory. Go reserves more than a gigabyte that it never uses.
		{"as", unix.RLIMIT_AS, uint64(memory) + 4<<30},
		{"nofile", unix.RLIMIT_NOFILE, 64},
	} {
		if err := lower(l.what, l.max); err != nil {
			return fmt.Sprintf("%s: %v", l.name, err)
		}
	}
	return on
}

// lower sets a limit that cannot be raised again; one that is lower already stays.
func lower(what int, limit uint64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(what, &now); err != nil {
		return err
	}
	limit = min(limit, now.Max)
	return unix.Setrlimit(what, &unix.Rlimit{Cur: limit, Max: limit})
}

// grantCPU gives the process so many more seconds of processor time, after which
// the kernel ends it.
func grantCPU(seconds uint64) error {
	var use unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &use); err != nil {
		return err
	}
	used := uint64(use.Utime.Sec+use.Stime.Sec) + 1
	return unix.Setrlimit(unix.RLIMIT_CPU, &unix.Rlimit{Cur: used + seconds, Max: unix.RLIM_INFINITY})
}

// withoutFiles takes away every right on files, TCP ports, abstract sockets and
// other processes that the kernel can take away. Open descriptors stay.
func withoutFiles() string {
	err := landlock.V6.BestEffort().Restrict()
	if err != nil {
		return err.Error()
	}
	// Best effort is silent about having done nothing.
	fd, err := unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == nil {
		unix.Close(fd)
		return "this kernel has no landlock, or it is not enabled"
	}
	return on
}

// calls are the system calls that Go, libvips and the codecs need once they run.
// All others fail with EPERM: no files are opened, nothing is executed, no socket
// is made, no other process is touched.
var calls = []string{
	// The most frequent first: the filter compares one by one.
	"futex", "read", "write", "mmap", "munmap", "mprotect", "madvise", "epoll_pwait", "nanosleep", "sched_yield",
	// memory
	"brk", "mremap", "mincore", "membarrier",
	// the open pipes
	"readv", "writev", "close", "fstat", "lseek", "fcntl", "poll", "ppoll", "epoll_create1", "epoll_ctl", "epoll_wait", "eventfd2",
	// threads and signals of its own
	"set_robust_list", "rseq", "set_tid_address", "gettid", "getpid", "exit", "exit_group", "restart_syscall",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sigaltstack", "arch_prctl",
	"sched_getaffinity", "sched_getparam", "sched_getscheduler",
	// time, chance and numbers about itself
	"clock_gettime", "clock_getres", "clock_nanosleep", "gettimeofday", "time", "getrandom", "getrusage", "uname", "sysinfo",
	"getcpu", "timer_create", "timer_settime", "timer_delete", "setitimer",
}

// withFewCalls loads the filter of system calls into all threads.
func withFewCalls() string {
	if !seccomp.Supported() {
		return "this kernel has no seccomp"
	}
	info, err := arch.GetInfo("")
	if err != nil {
		return err.Error()
	}
	known := func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(n string) bool { _, ok := info.SyscallNames[n]; return !ok })
	}
	only := func(name string, arg uint32, op seccomp.Operation, v uint64) seccomp.NameWithConditions {
		return seccomp.NameWithConditions{Name: name, Conditions: seccomp.ArgumentConditions{{Argument: arg, Operation: op, Value: v}}}
	}
	self := uint64(unix.Getpid())
	policy := seccomp.Policy{
		DefaultAction: seccomp.ActionErrno,
		Syscalls: []seccomp.SyscallGroup{
			{Names: known(calls), Action: seccomp.ActionAllow},
			{
				NamesWithCondtions: []seccomp.NameWithConditions{
					// Threads are made, processes are not.
					only("clone", 0, seccomp.BitsSet, unix.CLONE_THREAD),
					// Signals to itself only, as when a library aborts.
					only("tgkill", 0, seccomp.Equal, self),
					only("kill", 0, seccomp.Equal, self),
					// Threads are given names; limits of its own are read and, for CPU time, set.
					only("prctl", 0, seccomp.Equal, unix.PR_SET_NAME),
					only("prlimit64", 0, seccomp.Equal, 0),
				},
				Action: seccomp.ActionAllow,
			},
			// The C library tries clone3 first, whose flags a filter cannot see, and
			// falls back to clone if the kernel does not have it.
			{Names: known([]string{"clone3"}), Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS)},
		},
	}
	if runtime.GOARCH == "amd64" {
		policy.Syscalls[0].Names = append(policy.Syscalls[0].Names, "getrlimit")
	}
	err = seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: policy})
	if err != nil {
		return err.Error()
	}
	return on
}
