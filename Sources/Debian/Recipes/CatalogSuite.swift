/// A Debian release, and the names in it that differ from release to release.
struct CatalogSuite {
    let name: String
    let version: String
    let openSSL: [String]
    /// Java releases that it has.
    let java: [String]

    /// The newest first.
    static let all = [
        CatalogSuite(name: "trixie", version: "13", openSSL: ["libssl3t64"], java: ["21", "25"]),
        CatalogSuite(name: "bookworm", version: "12", openSSL: ["libssl3"], java: ["17"]),
    ]
}
