import Contexts
import Foundation
import RuntimeAdapter
import VariantStore

/// A store with four lines of variants, and whatever may happen to one.
final class SoakStore {
    /// What is published in turn.
    struct Line {
        let name: String
        let fileBytes: Int
        let accuracy: Double
    }

    static let lines = [
        Line(name: "net/small", fileBytes: 128 << 10, accuracy: 0.86),
        Line(name: "net/medium", fileBytes: 512 << 10, accuracy: 0.88),
        Line(name: "net/large", fileBytes: 2 << 20, accuracy: 0.90),
        Line(name: "net/huge", fileBytes: 4 << 20, accuracy: 0.91),
    ]
    private static let baseBytes = 5 << 20

    private let folder: URL
    private let sample: VariantManifest
    private let key = SigningKey()
    private let state: SoakState
    private var published: [Int: [VariantVersion]] = [:]
    private var count = 0

    init(folder: URL, sample: URL, state: SoakState) throws {
        self.folder = folder
        self.state = state
        self.sample = try VariantManifest(readingFrom: sample.path)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let base = try SoakContent.pages(line: 99, number: 0, count: Self.baseBytes / 8)
        try base.withData { try $0.write(to: self.base) }
        state.add(
            Self.text(try FileDigest(ofFile: self.base.path)), checksum: base.checksum,
            isForbidden: false)
        _ = try StoreDirectory.create(at: path)
    }

    var path: String { folder.appending(path: "store").path }
    private var base: URL { folder.appending(path: "net.h5") }
    private var index: URL { folder.appending(path: "store/index.json") }

    var source: StoreSource {
        get throws {
            StoreSource(
                path,
                trust: try TrustPolicy(
                    publicKeys: [key.verificationKey.pem], requiresSignature: true),
                interval: .milliseconds(200))
        }
    }

    private static func text(_ digest: FileDigest) -> String { "sha256:" + digest.sha256 }

    // MARK: What people do

    /// The next version of a line, which is served from now on.
    @discardableResult
    func publish(_ line: Int, isSigned: Bool = true) throws -> VariantVersion {
        count += 1
        let (own, base) = (Self.lines[line], try FileDigest(ofFile: base.path))
        let content = try SoakContent.pages(line: line, number: count, count: own.fileBytes / 8)
        let weights = folder.appending(path: "weights.h5")
        try content.withData { try $0.write(to: weights) }
        let digest = try FileDigest(ofFile: weights.path)
        state.add(Self.text(digest), checksum: content.checksum, isForbidden: !isSigned)
        var manifest = sample
        manifest.base.file = VariantManifest.File(
            name: "net.h5", digest: base, parameters: 20, multiplyAdds: 2000)
        manifest.variant = VariantManifest.File(
            name: "net.p.h5", digest: digest, parameters: 10, multiplyAdds: 1000)
        manifest.costs = VariantManifest.BeforeAfter(
            before: Costs(
                fileBytes: Self.baseBytes, peakMemoryBytes: 2 * Self.baseBytes,
                multiplyAdds: 2000, parameters: 20),
            after: Costs(
                fileBytes: own.fileBytes, peakMemoryBytes: 2 * own.fileBytes, multiplyAdds: 1000,
                parameters: 10))
        manifest.workload.parameterBytes = own.fileBytes
        manifest.workload.peakActivationBytes = own.fileBytes
        manifest.accuracy = AccuracyRecord(
            metric: "top-1", dataSHA256: base.sha256, samples: 100, before: 0.93,
            after: own.accuracy)
        let version = try StoreDirectory(opening: path).publish(
            VariantPublication(
                name: VariantName(parsing: own.name), manifest: manifest, weights: weights.path,
                base: self.base.path, inputs: FileDigest(of: Data("\(count)".utf8)).sha256,
                signers: isSigned ? [key] : [])
        ).version
        published[line, default: []].append(version)
        return version
    }

    /// Serves the version before, and forgets the newest; a new one where none is left.
    func goBack(_ line: Int) throws {
        let store = try StoreDirectory(opening: path)
        let present = Set(try store.snapshot().all.map(\.digest))
        let older = published[line, default: []].dropLast().filter { present.contains($0.digest) }
        published[line] = older
        guard let last = older.last else {
            try publish(line)
            return
        }
        try store.tag(last, as: VariantReference.latest)
    }

    /// Clears what nobody needs, so that the store does not grow.
    func clear() throws {
        _ = try StoreDirectory(opening: path).collectGarbage(keep: 3)
        for line in published.keys { published[line] = published[line].map { $0.suffix(3) } }
    }

    // MARK: What befalls it

    func vanish() throws {
        try FileManager.default.moveItem(atPath: path, toPath: path + ".gone")
    }

    func comeBack() throws {
        try FileManager.default.moveItem(atPath: path + ".gone", toPath: path)
    }

    /// Cuts the index in half; what it was.
    func tear() throws -> Data {
        let whole = try Data(contentsOf: index)
        try whole.prefix(whole.count / 2).write(to: index)
        return whole
    }

    func mend(_ whole: Data) throws { try whole.write(to: index, options: .atomic) }

    /// Overwrites a part of a version's file, as a failing disk would.
    func spoil(_ version: VariantVersion) throws {
        let manifest = try StoreDirectory(opening: path).manifest(of: version)
        let blob = path + "/blobs/sha256/" + manifest.variant.sha256
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: blob)
        let handle = try FileHandle(forWritingTo: URL(filePath: blob))
        try handle.seek(toOffset: 1000)
        try handle.write(contentsOf: Data(repeating: 0x55, count: 1000))
        try handle.close()
    }
}
