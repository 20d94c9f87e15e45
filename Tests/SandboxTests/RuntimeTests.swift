import LinuxSystem
import Sandbox
import Testing

struct RuntimeTests {
    @Test func findsNoRuntimeOnAnEmptyPath() {
        #expect(throws: SandboxError.noRuntime(searchPath: "/nowhere")) { try OCIRuntime.find(searchPath: "/nowhere") }
    }

    @Test(arguments: [(.code(3), 3), (.signal(9), 137), (.outOfMemory, 137)] as [(ProcessExit, Int32)])
    func mapsEndsToStatuses(exit: ProcessExit, status: Int32) { #expect(exit.status == status) }
}
