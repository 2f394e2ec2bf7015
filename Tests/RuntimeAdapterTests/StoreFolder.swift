import Foundation
import VariantStore

@testable import RuntimeAdapter

/// A folder of its own with a store, and variants whose files follow from a number.
final class StoreFolder: Sendable {
    let folder: URL
    let sample: VariantManifest
    private let base: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "adapter-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        base = folder.appending(path: "net.h5")
        try Data(repeating: 7, count: 5000).write(to: base)
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        sample = try VariantManifest(
            readingFrom: root.appending(path: "docs/samples/manifest-1.json").path)
        _ = try StoreDirectory.create(at: path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var path: String { folder.appending(path: "store").path }
    var index: URL { folder.appending(path: "store/index.json") }

    static func content(_ number: Int) -> [UInt8] { Array("variant \(number)".utf8) }

    /// Publishes a variant; its version's digest.
    @discardableResult
    func publish(
        _ number: Int, line: String = "net/phone", accuracy: Double = 0.9,
        signers: [SigningKey] = []
    ) throws -> String {
        let content = Data(Self.content(number))
        let weights = folder.appending(path: "\(UUID()).h5")
        try content.write(to: weights)
        var manifest = sample
        manifest.base.file = VariantManifest.File(
            name: "net.h5", digest: try FileDigest(ofFile: base.path), parameters: 20,
            multiplyAdds: 2000)
        manifest.variant = VariantManifest.File(
            name: "net.p.h5", digest: FileDigest(of: content), parameters: 10, multiplyAdds: 1000)
        manifest.accuracy = AccuracyRecord(
            metric: "top-1", dataSHA256: manifest.base.file.sha256, samples: 100, before: 0.85,
            after: accuracy)
        let store = try StoreDirectory(opening: path)
        return try store.publish(
            VariantPublication(
                name: VariantName(parsing: line), manifest: manifest, weights: weights.path,
                base: base.path, inputs: FileDigest(of: Data("\(line) \(number)".utf8)).sha256,
                signers: signers)
        ).version.digest.text
    }

    /// Makes a version the one that is served.
    func makeLatest(_ reference: String) throws {
        let store = try StoreDirectory(opening: path)
        try store.tag(
            try store.snapshot().resolve(VariantReference(parsing: reference)),
            as: VariantReference.latest)
    }

    /// Overwrites a file in the store, as a failing disk would.
    ///
    /// - Returns: what it was.
    @discardableResult
    func spoil(_ digest: String) throws -> Data {
        let blob = folder.appending(path: "store/blobs/sha256/\(digest.dropFirst(7))")
        let content = try Data(contentsOf: blob)
        try put(Data(repeating: 0x55, count: content.count), at: digest)
        return content
    }

    /// Puts a file into the store, in place of what is there; the index stays as it is.
    func put(_ content: Data, at digest: String) throws {
        let blob = folder.appending(path: "store/blobs/sha256/\(digest.dropFirst(7))")
        try? FileManager.default.removeItem(at: blob)
        try content.write(to: blob)
    }

    func vanish() throws {
        try FileManager.default.moveItem(
            at: folder.appending(path: "store"), to: folder.appending(path: "gone"))
    }

    func comeBack() throws {
        try? FileManager.default.removeItem(at: folder.appending(path: "store"))
        try FileManager.default.moveItem(
            at: folder.appending(path: "gone"), to: folder.appending(path: "store"))
    }
}

/// The digest of bytes, for tests that know no store.
enum BlobDigestText {
    static func of(_ bytes: [UInt8]) -> String { BlobDigest(of: bytes).text }
}
