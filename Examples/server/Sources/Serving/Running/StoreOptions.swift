package import ArgumentParser
import Foundation
package import RuntimeAdapter

/// Which store a server follows, and whose signatures count.
package struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The store of variants, as `prune --store` makes it.", valueName: "folder"),
        completion: .directory)
    package var store: String

    @Option(help: "Serve what has this tag, not the newest of each line.")
    package var tag: String?

    @Option(
        name: [.long, .short],
        help: ArgumentHelp(
            "A public key, as PEM, whose signatures count; may stand several times.",
            valueName: "file"), completion: .file(extensions: ["pem"]))
    package var key: [String] = []

    @Flag(help: "Serve only what one of the keys has signed.")
    package var requireSignature = false

    @Option(help: "Milliseconds between two looks at the store.")
    package var intervalMs = 2000

    /// What the command line says; made by its parser.
    package init() {}

    /// Refuses what makes no sense.
    ///
    /// - Throws: `ValidationError` with words.
    package func validate() throws {
        if requireSignature, key.isEmpty {
            throw ValidationError("--require-signature: whose? Give public keys by --key.")
        }
        guard (10...86_400_000).contains(intervalMs) else {
            throw ValidationError("--interval-ms must be from 10 to 86400000.")
        }
    }

    /// Which versions count.
    package var versions: VersionChoice { tag.map { .tag($0) } ?? .latest }

    /// Whose signatures count; nil if all do.
    ///
    /// - Throws: `ValidationError` for a file that holds no key.
    package func trust() throws -> TrustPolicy? {
        guard !key.isEmpty else { return nil }
        let texts = try key.map { path in
            guard let data = FileManager.default.contents(atPath: path) else {
                throw ValidationError("--key \(path): cannot be read.")
            }
            return String(decoding: data, as: UTF8.self)
        }
        do {
            return try TrustPolicy(publicKeys: texts, requiresSignature: requireSignature)
        } catch {
            throw ValidationError("--\(error.place): no Ed25519 public key as PEM.")
        }
    }

    /// The source of variants.
    ///
    /// - Parameter devices: classes beside those of the variants' own profiles.
    /// - Throws: `ValidationError` for a file that holds no key.
    package func source(devices: [KnownDevice] = []) throws -> StoreSource {
        StoreSource(
            store, versions: versions, trust: try trust(), devices: devices,
            interval: .milliseconds(intervalMs))
    }

    /// Runs what opens the store, and says in words why that fails.
    ///
    /// - Throws: `ValidationError` in place of a `SourceError`.
    package func explaining<Result>(_ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch let error as SourceError {
            throw ValidationError("--store \(store): cannot be read as a store (\(error.detail)).")
        }
    }
}
