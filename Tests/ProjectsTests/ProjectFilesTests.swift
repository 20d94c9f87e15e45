import LinuxSystem
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct ProjectFilesTests {
    /// As docker's client does, the usual files are taken where the list names none.
    @Test(arguments: ["", ":", "::"]) func listWithoutNamesIsNone(_ list: String) async throws {
        try await Files.withTemporaryDirectory { path in
            let directory = try Directory(opening: FilePath(path))
            let text = "services: {a: {image: x}}"
            try directory.createFile(Array("compose.yaml".utf8), mode: 0o600).write(Array(text.utf8))
            var selection = ProjectSelection()
            (selection.name, selection.directory) = ("p", path)
            let files = try ProjectFiles.load(selection, HostEnvironment(variables: ["COMPOSE_FILE": list]))
            #expect(files.directory.lastComponent == FilePath(path).lastComponent)
        }
    }
}
