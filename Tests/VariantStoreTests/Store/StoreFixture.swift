import Contexts
import Foundation
import Testing

@testable import VariantStore

/// A folder of its own with a base's file and variants' files, and a store in it.
final class StoreFixture {
    let folder: URL
    let base: URL

    init() throws {
        // In memory where that is possible: hundreds of stores are written to the disk, and each waits for it.
        let memory = URL(filePath: "/dev/shm")
        let root =
            FileManager.default.isWritableFile(atPath: memory.path)
            ? memory : FileManager.default.temporaryDirectory
        folder = root.appending(path: "store-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        base = folder.appending(path: "net.h5")
        try Data(repeating: 7, count: 5000).write(to: base)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var path: String { folder.appending(path: "store").path }

    func store(_ name: String = "store", files: StoreFiles = .system) throws -> StoreDirectory {
        try StoreDirectory.openOrCreate(at: folder.appending(path: name).path, files: files)
    }

    /// A variant whose file and inputs follow from a number.
    func publication(
        _ number: Int, line: String = "net/phone", tags: [String] = [], base: URL? = nil
    ) throws -> VariantPublication {
        let content = Data("variant \(line) \(number)".utf8)
        let weights = folder.appending(path: "\(UUID()).h5")
        try content.write(to: weights)
        let base = base ?? self.base
        var manifest = VariantManifestTests.sample
        manifest.base.file = VariantManifest.File(
            name: "net.h5", digest: try FileDigest(ofFile: base.path), parameters: 20,
            multiplyAdds: 2000)
        manifest.variant = VariantManifest.File(
            name: "net.phone.h5", digest: FileDigest(of: content), parameters: 10,
            multiplyAdds: 1000)
        return VariantPublication(
            name: try VariantName(parsing: line), manifest: manifest, weights: weights.path,
            base: base.path, inputs: FileDigest(of: Data("inputs \(line) \(number)".utf8)).sha256,
            tags: tags)
    }

    static var measurement: MeasurementRecord {
        MeasurementRecord(
            base: MeasurementRecord.Latency(medianMs: 2, uncertaintyMs: 0.1),
            variant: MeasurementRecord.Latency(medianMs: 1, uncertaintyMs: 0.05), runs: 9,
            threads: 2, batch: 1,
            machine: MeasurementRecord.Machine(
                processor: "a processor", cores: 2, memoryBytes: 1 << 30, system: "Linux 6",
                toolVersion: "1"))
    }

    /// All files below a folder of the store, with their contents.
    func contents(of store: StoreDirectory, below: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: below) {
            contents[name] = FileManager.default.contents(atPath: "\(below)/\(name)")
        }
        return contents
    }
}

/// The code of the error that a body throws.
func code(of body: () throws -> Void) -> VariantStoreError.Code? {
    do {
        try body()
        return nil
    } catch { return (error as? VariantStoreError)?.code }
}
