import NIOHTTP1
package import OCI

extension RegistryClient {
    /// A list of names is bounded by this many answers.
    private static let maximumPages = 1_000
    /// Bytes of all answers to one question.
    private static let maximumListSize = 64 << 20

    /// The tags of a repository in the registry's order (OCI distribution specification, "Listing Tags").
    package func tags(of repository: RemoteRepository) async throws -> [String] {
        var request = try await request(.GET, repository, "tags/list")
        request.url = request.url.resolving("?n=1000") ?? request.url
        var tags: [String] = []
        var size = 0
        for _ in 0..<Self.maximumPages {
            let (answer, bytes) = try await session.fetch(request, limit: configuration.maximumManifestSize)
            let json = try document(bytes, answer)
            // A repository without tags has `null` in some registries.
            guard let list = json["tags"], let names = list.isNull ? [] : list.strings else {
                throw RegistryError.invalidAnswer(request.target, part: "tags")
            }
            tags += names
            size += bytes.count
            guard size <= Self.maximumListSize else {
                throw RegistryError.tooLarge(request.target, limit: Int64(Self.maximumListSize))
            }
            guard let next = Self.nextPage(answer), next.origin == request.endpoint.root.origin else { return tags }
            request.url = next
        }
        throw RegistryError.tooLarge(request.target, limit: Int64(Self.maximumPages))
    }

    /// What refers to a manifest: signatures, attestations (OCI distribution specification, "Listing Referrers", and
    /// "Referrers Tag Schema" where the registry does not know them).
    package func referrers(of digest: Digest, in repository: RemoteRepository) async throws -> [Descriptor] {
        let request = try await request(
            .GET, repository, "referrers/\(digest)", reference: digest.description,
            headers: [("Accept", MediaType.index.rawValue)])
        do {
            let (answer, bytes) = try await session.fetch(request, limit: configuration.maximumManifestSize)
            _ = try document(bytes, answer)
            do { return try Index(bytes: bytes).manifests } catch {
                throw RegistryError.invalidManifest(request.target, error)
            }
        } catch RegistryError.notFound {
            return try await taggedReferrers(of: digest, in: repository)
        } catch RegistryError.notARegistry {
            // Registries that do not know the path answer with their web server's page.
            return try await taggedReferrers(of: digest, in: repository)
        }
    }

    private func taggedReferrers(of digest: Digest, in repository: RemoteRepository) async throws -> [Descriptor] {
        do {
            let tag = "\(digest.algorithm.rawValue)-\(digest.hex)"
            let list = try await manifest(tag, in: repository, digest: nil)
            if case .index(let index) = list.content { return index.manifests }
            return []
        } catch RegistryError.notFound {
            return []
        }
    }

    private func document(_ bytes: [UInt8], _ answer: RegistryResponse) throws -> JSON {
        do { return try JSON.parse(bytes) } catch {
            throw answer.notARegistry
        }
    }

    /// `Link: </v2/name/tags/list?last=b>; rel="next"` (RFC 8288).
    private static func nextPage(_ answer: RegistryResponse) -> HTTPURL? {
        guard let link = answer.headers.first(name: "Link"), link.contains("next"),
            let open = link.firstIndex(of: "<"), let close = link[open...].firstIndex(of: ">")
        else { return nil }
        return answer.url.resolving(String(link[link.index(after: open)..<close]))
    }
}
