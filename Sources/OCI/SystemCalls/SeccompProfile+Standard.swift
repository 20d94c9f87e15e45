extension SeccompProfile {
    /// The rules for processes that were given none: in effect those of docker's default profile, as Debian 12 ships it
    /// (docs/decisions/0009-system-call-filter.md); a test compares them call by call.
    ///
    /// What is refused fails with EPERM. docker refuses ptrace(2) before Linux 4.8, on which Distill does not run.
    package static let standard = SeccompProfile(
        defaultAction: .fail(1),
        architectures: .families([
            Family("SCMP_ARCH_X86_64", ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]),
            Family("SCMP_ARCH_AARCH64", ["SCMP_ARCH_ARM"]),
            Family("SCMP_ARCH_MIPS64", ["SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64N32"]),
            Family("SCMP_ARCH_MIPSEL64", ["SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64N32"]),
            Family("SCMP_ARCH_S390X", ["SCMP_ARCH_S390"]),
        ]),
        rules: [Rule((files + memory + processes + identity + signals + time + communication).flatMap(words), .allow)]
            + personalities + ofProcessors + ofCapabilities + withoutAdministration)

    private static func words(_ text: String) -> [String] { text.split { $0 == " " || $0 == "\n" }.map(String.init) }

    private static let files = [
        // Opening, reading, writing
        """
        open openat openat2 creat close close_range dup dup2 dup3 fcntl fcntl64 flock ioctl lseek _llseek read readv pread64 preadv
        preadv2 write writev pwrite64 pwritev pwritev2 sendfile sendfile64 splice tee vmsplice copy_file_range readahead
        """,
        // Names
        """
        link linkat symlink symlinkat readlink readlinkat unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir mknod
        mknodat chdir fchdir getcwd getdents getdents64
        """,
        // What is known of a file, and attributes
        """
        access faccessat faccessat2 stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx statfs statfs64 fstatfs
        fstatfs64 chmod fchmod fchmodat chown chown32 fchown fchown32 fchownat lchown lchown32 utime utimes utimensat
        utimensat_time64 futimesat umask getxattr lgetxattr fgetxattr setxattr lsetxattr fsetxattr listxattr llistxattr flistxattr
        removexattr lremovexattr fremovexattr
        """,
        // Sizes, and the disk
        """
        truncate truncate64 ftruncate ftruncate64 fallocate fadvise64 fadvise64_64 sync syncfs fsync fdatasync sync_file_range
        """,
        // Waiting for files
        """
        select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64 epoll_create epoll_create1 epoll_ctl epoll_ctl_old
        epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 inotify_init inotify_init1 inotify_add_watch
        inotify_rm_watch fanotify_mark
        """,
        // Without waiting
        """
        io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64 io_uring_setup io_uring_enter
        io_uring_register
        """,
    ]

    private static let memory = [
        """
        brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall munlock munlockall remap_file_pages
        memfd_create memfd_secret membarrier
        """
    ]

    private static let processes = [
        """
        execve execveat fork vfork exit exit_group wait4 waitid waitpid prctl ptrace seccomp pidfd_open pidfd_send_signal
        process_mrelease landlock_create_ruleset landlock_add_rule landlock_restrict_self restart_syscall rseq
        """,
        // Threads
        """
        futex futex_time64 futex_waitv get_robust_list set_robust_list get_thread_area set_thread_area set_tid_address gettid getcpu
        """,
        // Scheduling and limits
        """
        sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam
        sched_get_priority_max sched_get_priority_min sched_getscheduler sched_setscheduler sched_rr_get_interval
        sched_rr_get_interval_time64 getpriority setpriority ioprio_get ioprio_set getrlimit ugetrlimit setrlimit prlimit64
        getrusage times sysinfo uname getrandom
        """,
    ]

    private static let identity = [
        """
        getpid getppid getpgid getpgrp setpgid getsid setsid capget capset getuid getuid32 geteuid geteuid32 getgid getgid32
        getegid getegid32 getresuid getresuid32 getresgid getresgid32 getgroups getgroups32 setuid setuid32 setgid setgid32
        setreuid setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32 setfsuid setfsuid32 setfsgid
        setfsgid32 setgroups setgroups32
        """
    ]

    private static let signals = [
        """
        kill tkill tgkill pause sigreturn sigprocmask sigaltstack signalfd signalfd4 rt_sigaction rt_sigpending rt_sigprocmask
        rt_sigqueueinfo rt_tgsigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
        """
    ]

    private static let time = [
        """
        time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep clock_nanosleep_time64
        nanosleep alarm getitimer setitimer timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64
        timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
        """,
        // The kernel asks for CAP_SYS_TIME where these would change something.
        "adjtimex clock_adjtime clock_adjtime64",
    ]

    private static let communication = [
        // Sockets and pipes
        """
        socket socketpair socketcall bind listen accept accept4 connect shutdown getsockname getpeername getsockopt setsockopt
        send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64 pipe pipe2
        """,
        // Queues, semaphores and memory of System V and POSIX
        """
        ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget mq_open
        mq_unlink mq_getsetattr mq_notify mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64
        """,
    ]

    /// personality(2) for Linux, Linux of 32 bits, both with UNAME26, and to ask.
    private static let personalities = [UInt64(0), 0x8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF].map { value in
        var rule = Rule(["personality"], .allow)
        rule.conditions = [Condition(index: 0, .equal, value)]
        return rule
    }

    private static let ofProcessors: [Rule] = [
        (["ppc64le"], "sync_file_range2"),
        (["arm", "arm64"], "arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls"),
        (["amd64", "x32"], "arch_prctl"), (["amd64", "x32", "x86"], "modify_ldt"),
        (["s390", "s390x"], "s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr"),
    ].map { architectures, calls in
        var rule = Rule(words(calls), .allow)
        rule.includes.architectures = architectures
        return rule
    }

    private static let ofCapabilities: [Rule] = [
        ("DAC_READ_SEARCH", "open_by_handle_at"),
        (
            "SYS_ADMIN",
            """
            clone clone3 unshare setns mount mount_setattr umount umount2 open_tree move_mount fsopen fsconfig fsmount fspick
            sethostname setdomainname quotactl quotactl_fd fanotify_init name_to_handle_at lookup_dcookie bpf perf_event_open syslog
            """
        ),
        ("SYS_BOOT", "reboot"), ("SYS_CHROOT", "chroot"), ("SYS_MODULE", "init_module finit_module delete_module"),
        ("SYS_PACCT", "acct"), ("SYS_RAWIO", "iopl ioperm"), ("SYS_TIME", "settimeofday stime clock_settime"),
        ("SYS_PTRACE", "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev"),
        ("SYS_TTY_CONFIG", "vhangup"),
        ("SYS_NICE", "get_mempolicy mbind set_mempolicy"), ("SYSLOG", "syslog"),
    ].map { capability, calls in
        var rule = Rule(words(calls), .allow)
        rule.includes.capabilities = ["CAP_" + capability]
        return rule
    }

    /// New processes without new namespaces. The flags of clone3(2) are in memory, which no filter can read: it is said not to
    /// exist, so that C libraries take clone(2).
    private static let withoutAdministration: [Rule] = {
        let administration = "CAP_SYS_ADMIN"
        let mips = ["mips3l64n32", "mips64", "mips64n32", "mipsel", "mipsel64"]
        let systemZ = ["s390", "s390x"]
        func clone(flags index: UInt32) -> Rule {
            var rule = Rule(["clone"], .allow)
            rule.conditions = [Condition(index: index, .masked, namespaceFlags)]
            rule.excludes.capabilities = [administration]
            return rule
        }
        func clone3(missing number: UInt16) -> Rule {
            var rule = Rule(["clone3"], .fail(number))
            rule.excludes.capabilities = [administration]
            return rule
        }
        var usual = clone(flags: 0)
        usual.excludes.architectures = systemZ
        var swapped = clone(flags: 1)
        swapped.includes.architectures = systemZ
        var missing = clone3(missing: 38)
        missing.excludes.architectures = mips
        var missingOnMIPS = clone3(missing: 89)
        missingOnMIPS.includes.architectures = mips
        return [usual, swapped, missing, missingOnMIPS]
    }()

    /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET of clone(2).
    private static let namespaceFlags: UInt64 = 0x7E02_0000
}
