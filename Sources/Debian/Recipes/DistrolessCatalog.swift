internal import OCI

/// The distroless bases, written as recipes that anybody could have written (docs/recipes.md).
enum DistrolessCatalog {
    /// From the smallest on.
    static let bases = [
        "static", "base-nossl", "base", "cc", "python3", "perl", "nodejs", "java17", "java21", "java25",
    ]

    /// A base in a release; nil where the release does not have it.
    static func recipe(_ base: String, _ suite: CatalogSuite, tag: String) -> BaseRecipe? {
        guard let text = text(base, suite) else { return nil }
        // The texts are this file's own, and each is read by a test.
        guard var recipe = try? BaseRecipe(parsing: text, file: base) else { return nil }
        recipe.name = "\(BaseCatalog.namespace)\(base)-debian\(suite.version):\(tag)"
        if tag.hasPrefix("debug") { CatalogDebugShell.add(to: &recipe) }
        if tag.hasSuffix("nonroot") {
            recipe.container.user = "65532"
            recipe.container.workingDirectory = "/home/nonroot"
        }
        return recipe
    }

    /// The recipe's YAML; nil where the release does not have the base.
    static func text(_ base: String, _ suite: CatalogSuite) -> String? {
        switch base {
        case "static": staticText(suite)
        case "base-nossl":
            from(
                "static", suite, packages: ["libc6", "libc-bin"], leftOut: ["libgcc-s1"], leftOutPaths: allButTheLocale)
        case "base": from("base-nossl", suite, packages: suite.openSSL, leftOut: ["openssl-provider-legacy"])
        case "cc": from("base", suite, packages: ["libgcc-s1", "libgomp1", "libstdc++6"])
        case "python3":
            from("cc", suite, packages: ["python3"], leftOut: ["dpkg"]) + program("/usr/bin/python3") + utf8
        case "perl": from("base", suite, packages: ["perl"], leftOut: ["dpkg"]) + program("/usr/bin/perl")
        case "nodejs": from("cc", suite, packages: ["nodejs"]) + program("/usr/bin/node")
        default: base.hasPrefix("java") ? java(String(base.dropFirst(4)), suite) : nil
        }
    }

    private static func staticText(_ suite: CatalogSuite) -> String {
        """
        suite: \(suite.name)
        packages: [base-files, ca-certificates, media-types, netbase, tzdata]
        leave-out:
          packages: [awk, debconf, openssl]
          paths:
            - /usr/share/man/*
            - /usr/share/info/*
            - /usr/share/locale/*
            - /usr/share/lintian/*
            - /usr/share/bug/*
            - /usr/share/doc/*
            - /usr/share/doc-base/*
            - /usr/share/bash-completion/*
            - /usr/share/ca-certificates/*
            - /usr/sbin/update-ca-certificates
            - /etc/ca-certificates*
            - /usr/share/base-files/*
            - /etc/update-motd.d/*
            - /usr/share/zoneinfo/right/*
            - /usr/share/zoneinfo/posix/*
        keep: [/usr/share/doc/*/copyright]
        groups:
          - {name: root, gid: 0}
          - {name: tty, gid: 5}
          - {name: staff, gid: 50}
          - {name: nonroot, gid: 65532}
          - {name: nobody, gid: 65534}
        users:
          - {name: root, uid: 0, home: /root}
          - {name: nonroot, uid: 65532, home: /home/nonroot}
          - {name: nobody, uid: 65534}
        paths:
          - {path: /tmp, mode: 1777}
          - path: /etc/ssl/certs/ca-certificates.crt
            joined: [/usr/share/ca-certificates/mozilla/*.crt]
          - path: /etc/nsswitch.conf
            text: |
              passwd:     files
              group:      files
              shadow:     files
              hosts:      files dns
              networks:   files
              protocols:  files
              services:   files
          - path: /usr/lib/os-release
            text: |
              PRETTY_NAME="Distroless"
              NAME="Debian GNU/Linux"
              ID="debian"
              VERSION_ID="\(suite.version)"
              VERSION="Debian GNU/Linux \(suite.version) (\(suite.name))"
              VERSION_CODENAME="\(suite.name)"
        environment:
          PATH: /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
          SSL_CERT_FILE: /etc/ssl/certs/ca-certificates.crt
        user: "0"
        working-directory: /

        """
    }

    private static func from(
        _ base: String, _ suite: CatalogSuite, packages: [String], leftOut: [String] = [], leftOutPaths: [String] = []
    ) -> String {
        """
        from: \(BaseCatalog.namespace)\(base)-debian\(suite.version)
        packages: [\(packages.joined(separator: ", "))]
        leave-out:
          packages: [\(leftOut.joined(separator: ", "))]
          paths: [\(leftOutPaths.joined(separator: ", "))]

        """
    }

    /// Of libc-bin only `/usr/lib/locale/C.utf8` is wanted: without it LANG=C.UTF-8 is a name that means nothing, and programs
    /// take what is not ASCII for a mistake.
    private static let allButTheLocale = [
        "/sbin/ldconfig", "/usr/sbin/ldconfig", "/usr/sbin/iconvconfig", "/usr/sbin/zic", "/usr/bin/getconf",
        "/usr/bin/getent",
        "/usr/bin/iconv", "/usr/bin/ld.so", "/usr/bin/ldd", "/usr/bin/locale", "/usr/bin/localedef", "/usr/bin/pldd",
        "/usr/bin/tzselect", "/usr/bin/zdump", "/etc/bindresvport.blacklist", "/etc/default/nss", "/etc/gai.conf",
        "/etc/ld.so.conf*", "/usr/share/libc-bin*", "/var/cache/ldconfig",
    ]

    private static func program(_ path: String) -> String { "entrypoint: [\(path)]\n" }

    private static let utf8 = "environment: {LANG: C.UTF-8}\n"

    /// A Java runtime without sound, printing and smart cards.
    ///
    /// Compilers alone read `ct.sym`. Archives of classes beside `classes.jsa` are for heaps above 32 GB and for collectors
    /// that are not the default, which start without them, only later. Java converts character sets by itself, and of GLib
    /// it needs what HarfBuzz needs.
    private static func java(_ release: String, _ suite: CatalogSuite) -> String? {
        guard suite.java.contains(release) else { return nil }
        let home = "/usr/lib/jvm/java-\(release)-openjdk-${architecture}"
        return from(
            "cc", suite, packages: ["openjdk-\(release)-jre-headless"],
            leftOut: [
                "ca-certificates-java", "java-common", "libasound2", "libasound2t64", "libcups2", "libcups2t64",
                "libnss3",
                "libpcsclite1", "util-linux", "libblkid1", "libmount1", "libselinux1",
            ],
            leftOutPaths: [
                "/usr/lib/jvm/*/lib/ct.sym", "/usr/lib/jvm/*/lib/server/classes_*.jsa", "/usr/lib/jvm/*/man/*",
                "/usr/share/gdb/*", "/usr/lib/*/gconv/*", "/usr/lib/*/libgio-2.0.so*",
            ])
                + """
                paths:
                  - {path: /usr/bin/java, link: "\(home)/bin/java"}
                  - {path: /etc/ssl/certs/java/cacerts, java-keystore: [/usr/share/ca-certificates/mozilla/*.crt]}
                environment:
                  JAVA_HOME: \(home)
                  LANG: C.UTF-8
                entrypoint: [/usr/bin/java, -jar]

                """
    }
}
