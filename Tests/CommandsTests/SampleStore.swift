import Foundation
import VariantStore

/// A store with two versions of one line, made from a network of `models/`; goes with this object.
final class SampleStore {
    static let line = "fashion-mobilenet/phone-4g"
    /// Shares of the multiply-adds that v1 and v2 may keep.
    private static let fractions = ["0.7", "0.5"]

    /// Variants that were pruned once for all tests.
    private static let pruned = Result { try prune() }
    private static let folderOfPruned = FileManager.default.temporaryDirectory.appending(
        path: "prune-samples-\(UUID().uuidString)")

    let folder: URL
    let store: StoreDirectory

    var path: String { store.path }

    init() throws {
        folder = try Prune.temporaryFolder()
        store = try StoreDirectory.create(at: folder.appending(path: "store").path)
        for index in Self.fractions.indices { try publish(index) }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Publishes a variant that was pruned; measured on a machine that there is not.
    ///
    /// - Parameter change: what is done to the manifest before.
    @discardableResult
    func publish(
        _ index: Int, as name: String = line, change: (inout VariantManifest) -> Void = { _ in }
    ) throws -> Published {
        var (path, manifest) = try Self.pruned.get()[index]
        change(&manifest)
        let machine = MeasurementRecord.Machine(
            processor: "Example CPU", cores: 2, memoryBytes: 8 << 30, system: "Linux 6.1",
            toolVersion: "0.1.0")
        let variant = MeasurementRecord.Latency(
            medianMs: [1.5, 1.25][index], uncertaintyMs: 0.01)
        return try store.publish(
            VariantPublication(
                name: VariantName(parsing: name), manifest: manifest, weights: path,
                base: Prune.model("fashion-mobilenet"), inputs: "inputs-\(index)",
                measurement: MeasurementRecord(
                    base: MeasurementRecord.Latency(medianMs: 2, uncertaintyMs: 0.01),
                    variant: variant, runs: 100, threads: 1, batch: 1, machine: machine)))
    }

    /// Runs `prune variants` on this store.
    func run(_ arguments: String...) throws -> Prune.Result {
        try Prune.run(["variants"] + arguments + ["--store", path])
    }

    private static func prune() throws -> [(path: String, manifest: VariantManifest)] {
        try FileManager.default.createDirectory(
            at: folderOfPruned, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(at: SampleStore.folderOfPruned) }
        return try fractions.map { fraction in
            let path = folderOfPruned.appending(path: "mobilenet-\(fraction).h5").path
            let result = try Prune.run([
                "--profile", "pruning-profiles/phone-4g.yaml", "--budget",
                "mac-fraction=\(fraction)", "--model", Prune.model("fashion-mobilenet"), "-o", path,
                "--skip-timing", "--quiet",
            ])
            guard result.status == 0 else { throw Failure(words: result.error) }
            return (path, try VariantManifest(readingFrom: path + VariantManifest.fileSuffix))
        }
    }

    private struct Failure: Error {
        let words: String
    }
}
