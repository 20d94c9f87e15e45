internal import CLinux

/// Memory that a process has and does not need now.
package enum ProcessMemory {
    /// Gives back what a process that waits for something to do does not need: freed memory that the allocator keeps
    /// (malloc_trim(3)), and the program's own code, which comes again from its file when it is run (madvise(2)).
    package static func release() { distill_release_memory() }
}
