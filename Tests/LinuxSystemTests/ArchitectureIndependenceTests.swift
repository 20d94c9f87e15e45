import SystemPackage
import TestSupport
import Testing

/// The C parts mean the same to a compiler for another architecture: system calls by their names, flags and structures from the
/// kernel's headers.
@Suite struct ArchitectureIndependenceTests {
    @Test(arguments: ["gcc", "aarch64-linux-gnu-gcc"]) func compilesWithoutAWarning(compiler: String) async throws {
        guard try await Command("sh", ["-c", "command -v \"$1\"", "sh", compiler]).run().succeeded else {
            #expect(environmentVariable("CI") == nil, "there is no \(compiler): scripts/setup --test")
            return
        }
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent().string
        let outcome = try await Command(
            compiler,
            [
                "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I\(root)/Sources/CLinux/include",
                "\(root)/Sources/CLinux/CLinux.c",
            ]
        ).run()
        #expect(outcome.succeeded, "\(outcome)")
    }

    /// What differs between architectures, and so must come from headers: O_DIRECTORY is 0200000 on x86-64 and 040000 on arm64,
    /// system calls older than the generic table have other numbers on each.
    @Test func noNumberOfOneArchitectureIsWritten() async throws {
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent().string
        let found = try await Command(
            "grep",
            [
                "-rnE",
                "syscall\\([0-9]|(O_[A-Z]+|SYS_[a-z0-9_]+|__NR_[a-z0-9_]+) *(=|:) *(0x|0o)?[0-9]|0o?200000|0x10000\\b.*O_",
                "--include=*.swift", "\(root)/Sources",
            ]
        ).run()
        #expect(found.output == "")
        let text = try Files.text("\(root)/Sources/CLinux/CLinux.c")
        let numbers = text.matches(of: /#define SYS_\w+ (\d+)/).compactMap { Int($0.output.1) }
        // From 424 on, numbers are the same everywhere (asm-generic/unistd.h).
        #expect(numbers.allSatisfy { $0 >= 424 } && !numbers.isEmpty)
    }
}
