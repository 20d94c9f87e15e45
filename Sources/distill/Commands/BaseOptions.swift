import ArgumentParser
import Bases
import Debian
import Engine
import LinuxSystem
import Storage
import SystemPackage

/// Where packages come from: what `build` and the commands of `base` share.
struct ArchiveOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The Debian mirror. (default: $DISTILL_DEBIAN_MIRROR, else the recipe's, else this machine's apt sources)",
            valueName: "url"))
    var mirror: String?
    @Option(help: ArgumentHelp("The archive's public keys.", valueName: "file"))
    var keyring: String = "/usr/share/keyrings/debian-archive-keyring.gpg"

    func specification() -> BaseSpecification {
        var result = BaseSpecification()
        (result.mirror, result.keyring) = (mirror, keyring)
        return result
    }
}

/// How `build` treats the bases of the catalog.
struct CatalogOptions: ParsableArguments {
    @Flag(
        help:
            "Compose gcr.io/distroless/… from packages instead of asking that registry. (also: DISTILL_REDIRECT_DISTROLESS=1)"
    )
    var redirectDistroless = false
    @OptionGroup var archive: ArchiveOptions

    func specification() -> BaseSpecification {
        var result = archive.specification()
        if redirectDistroless { result.redirectsPublicNames = true }
        return result
    }
}
