internal import OCI

/// The shell of the debug images: busybox's programs, below a directory of their own.
enum CatalogDebugShell {
    static let directory = "/busybox"
    static let package = "busybox-static"

    /// What turns a base into its debug image.
    static func add(to recipe: inout BaseRecipe) {
        recipe.packages.append(package)
        // The package's own file is at `/bin` in bookworm and at `/usr/bin` in trixie.
        let files = ["/bin/busybox", "/usr/bin/busybox"]
        recipe.filter = PathFilter(recipe.filter.rules + files.map { .exclude($0) })
        recipe.paths.append(RecipePath("\(directory)/busybox", mode: 0o755, .joined(files)))
        recipe.paths.append(RecipePath(directory, .links(target: "busybox", names: applets)))
        let path = recipe.container.environmentValue("PATH") ?? ""
        recipe.container.setEnvironment("PATH", path.isEmpty ? directory : "\(path):\(directory)")
        if recipe.container.entrypoint == nil { recipe.container.entrypoint = ["\(directory)/sh"] }
    }

    /// `busybox --list` of Debian's busybox-static.
    static let applets: [String] = """
        [ [[ acpid adjtimex ar arch arp arping ascii ash awk base64 basename bc blkdiscard blockdev brctl
        bunzip2 busybox bzcat bzip2 cal cat chgrp chmod chown chroot chvt clear cmp cp cpio crc32 crond
        crontab cttyhack cut date dc dd deallocvt depmod devmem df diff dirname dmesg dnsdomainname dos2unix
        dpkg dpkg-deb du dumpkmap dumpleases echo ed egrep env expand expr factor fallocate false fatattr
        fdisk fgrep find findfs fold free freeramdisk fsfreeze fstrim ftpget ftpput getopt getty grep groups
        gunzip gzip halt head hexdump hostid hostname httpd hwclock i2cdetect i2cdump i2cget i2cset
        i2ctransfer id ifconfig ifdown ifup init insmod ionice ip ipcalc ipneigh kill killall klogd last
        less link linux32 linux64 linuxrc ln loadfont loadkmap logger login logname logread losetup ls lsmod
        lsscsi lzcat lzma lzop md5sum mdev microcom mim mkdir mkdosfs mke2fs mkfifo mknod mkpasswd mkswap
        mktemp modinfo modprobe more mount mt mv nameif nc netstat nl nologin nproc nsenter nslookup nuke od
        openvt partprobe passwd paste patch pidof ping ping6 pivot_root poweroff printf ps pwd rdate
        readlink realpath reboot renice reset resume rev rm rmdir rmmod route rpm rpm2cpio run-init run-
        parts sed seq setkeycodes setpriv setsid sh sha1sum sha256sum sha3sum sha512sum shred shuf sleep
        sort ssl_client start-stop-daemon stat strings stty su sulogin svc svok swapoff swapon switch_root
        sync sysctl syslogd tac tail tar taskset tc tee telnet telnetd test tftp time timeout top touch tr
        traceroute traceroute6 true truncate ts tty tunctl ubirename udhcpc udhcpd uevent umount uname
        uncompress unexpand uniq unix2dos unlink unlzma unshare unxz unzip uptime usleep uudecode uuencode
        vconfig vi w watch watchdog wc wget which who whoami xargs xxd xz xzcat yes zcat
        """.split(whereSeparator: \.isWhitespace).map(String.init).filter { $0 != "busybox" }
}
