import ArgumentParser
import Engine

/// Where the build cache comes from and goes to beside the store.
struct CacheOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "type=local,src=DIR or type=registry,ref=NAME: where steps are looked for that the store does not know; repeatable.",
            valueName: "source"))
    var cacheFrom: [String] = []
    @Option(
        help: ArgumentHelp(
            "type=local,dest=DIR, type=registry,ref=NAME or type=inline (in the image itself), with mode=min|max, compression=, compression-level=, ignore-error=true; repeatable.",
            valueName: "target"))
    var cacheTo: [String] = []

    func specification() throws -> CacheSpecification {
        var result = CacheSpecification()
        result.sources = try BuildWords.cacheSources(cacheFrom)
        result.targets = try BuildWords.cacheTargets(cacheTo)
        return result
    }
}
