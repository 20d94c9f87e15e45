/// What an option's value or an operand is, as far as a shell can help with it.
enum ValueKind: Hashable {
    case words([String])
    case files, directories, images, imagesOrFiles, basesOrFiles, cacheMounts, stages, buildArguments, services, nothing

    private static let platforms = [
        "linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/ppc64le", "linux/riscv64", "linux/s390x",
    ]

    /// By the option's name, with its command's where the same name means several things.
    private static let byOption: [String: ValueKind] = [
        "--progress": .words(["auto", "tty", "plain", "quiet", "rawjson"]), "--target": .stages,
        "--no-cache-filter": .stages,
        "--build-arg": .buildArguments, "--platform": .words(platforms), "run --network": .words(["host", "none"]),
        "run --pull": .words(["missing", "always", "never"]),
        "build --network": .words(["default", "none", "host"]),
        "--allow": .words(["network.host", "security.insecure"]),
        "--provenance": .words(["true", "false", "mode=min", "mode=max"]), "--sbom": .words(["true", "false"]),
        "--attest": .words(["type=sbom", "type=provenance"]),
        "--output": .words([
            "type=image", "type=oci", "type=docker", "type=tar", "type=local", "type=registry", "type=cacheonly",
        ]),
        "save --output": .files, "image save --output": .files, "cache export --output": .files,
        "--cache-from": .words(["type=local,src=", "type=registry,ref="]),
        "--cache-to": .words(["type=local,dest=", "type=registry,ref=", "type=inline"]),
        "--security-opt": .words(["seccomp=unconfined", "no-new-privileges"]), "--input": .files,
        "--volume": .directories,
        "--workdir": .nothing, "save --format": .words(["docker", "oci"]),
        "image save --format": .words(["docker", "oci"]),
        "check --format": .words(["text", "json", "sarif"]),
        "image sbom --format": .words(["table", "json", "spdx-json"]),
        "--format": .words(["table", "json"]), "--filter": .nothing,
    ]

    private static let byValueName: [String: ValueKind] = [
        "file": .files, "directory": .directories, "dir": .directories, "stage": .stages,
        "os/arch[/variant]": .words(platforms), "path": .files,
    ]

    private static let byOperand: [String: ValueKind] = [
        "IMAGE": .images, "SOURCE": .images, "TARGET": .images, "REPOSITORY[:TAG]": .images, "NAME[:TAG]": .images,
        "NAME[:TAG|@DIGEST]": .images, "IMAGE|FILE": .imagesOrFiles, "SERVICE": .services, "CONTEXT": .directories,
        "FILE": .files, "LOCK": .files, "NAME|FILE": .basesOrFiles, "ID": .cacheMounts,
        "SHELL": .words(["bash", "zsh", "fish"]),
    ]

    static func of(_ option: OptionDescription, in path: [String]) -> ValueKind {
        let command = path.joined(separator: " ")
        if let kind = byOption["\(command) \(option.name)"] { return kind }
        if !option.values.isEmpty { return .words(option.values) }
        return byOption[option.name] ?? byValueName[option.valueName.lowercased()] ?? .nothing
    }

    static func of(_ operand: OperandDescription) -> ValueKind { byOperand[operand.name] ?? .nothing }
}
