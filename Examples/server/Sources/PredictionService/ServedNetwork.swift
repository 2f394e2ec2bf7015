import Execution
import KerasFormat
package import RuntimeAdapter
import Synchronization

/// A network ready to run on several threads: each run has a replica to itself.
package final class ServedNetwork: Sendable {
    /// The family that it belongs to.
    let model: String
    /// Of the variant's artifact.
    let digest: String
    /// The shape of one sample with its batch of 1.
    let inputShape: [Int]
    /// The shape of its result.
    let outputShape: [Int]
    private let original: PreparedModel
    private let idle: Mutex<[PreparedModel]>

    /// A prepared network.
    ///
    /// - Throws: ``NetworkShapeError``.
    init(_ model: PreparedModel, of candidate: CandidateDescription) throws {
        guard model.inputShapes.count == 1, model.outputShapes.count == 1 else {
            throw NetworkShapeError()
        }
        (self.model, digest) = (candidate.model, candidate.digest)
        inputShape = model.inputShapes[0]
        outputShape = model.outputShapes[0]
        original = model
        idle = Mutex([model])
    }

    /// How many numbers a sample has.
    var inputCount: Int { inputShape.reduce(1, *) }

    /// Runs one sample.
    ///
    /// - Throws: `ExecutionError` for another count of values, and for values that are no finite numbers.
    func predict(_ sample: [Float]) throws -> [Float] {
        let model = try idle.withLock { $0.popLast() } ?? original.replica()
        defer { idle.withLock { $0.append(model) } }
        return try model.predict(sample)
    }
}

/// A network has several inputs or outputs, which a prediction over HTTP has no form for.
struct NetworkShapeError: Error {}

/// Reads variants' files and prepares them to run, one thread for each run.
package struct NetworkLoader: VariantLoader {
    private final class Shelf: Sendable {
        let networks = Mutex<[String: ServedNetwork]>([:])
    }

    private let pool: WorkerPool
    private let workers: Int
    private let shelf = Shelf()

    /// A loader for a server with so many workers.
    package init(workers: Int) {
        self.workers = max(workers, 1)
        // Apart from the workers that predict: loading must not hold predictions up.
        pool = WorkerPool(workers: 1, mostWaiting: .max / 2)
    }

    /// What is loaded and warm, by the digest of the artifact.
    var loaded: [String: ServedNetwork] { shelf.networks.withLock { $0 } }

    /// Reads and prepares a network.
    ///
    /// - Throws: `KerasError`, `ExecutionError`, ``NetworkShapeError``.
    package func load(_ file: VariantFile) async throws -> ServedNetwork {
        try await pool.run(predictedMs: 0, deadlineMs: .infinity) {
            guard let path = file.path else {
                let copy = try NamelessFile(try file.bytes(), place: file.candidate.digest)
                return try withExtendedLifetime(copy) {
                    try Self.network(at: copy.path, of: file.candidate)
                }
            }
            return try Self.network(at: path, of: file.candidate)
        }.output
    }

    private static func network(
        at path: String, of candidate: CandidateDescription
    ) throws -> ServedNetwork {
        let model = try KerasModel.load(path: path)
        return try ServedNetwork(
            PreparedModel(
                model.graph, batch: 1,
                options: PreparationOptions(threads: 1, refusesNonFinite: true)),
            of: candidate)
    }

    /// Runs it twice on zeros: the first run pays for pages and code that the second one finds.
    package func warmUp(_ model: ServedNetwork) async throws {
        _ = try await pool.run(predictedMs: 0, deadlineMs: .infinity) {
            let zeros = [Float](repeating: 0, count: model.inputCount)
            _ = try model.predict(zeros)
            _ = try model.predict(zeros)
        }
        shelf.networks.withLock { $0[model.digest] = model }
    }

    /// Forgets it; its memory goes with its last run.
    package func unload(_ model: ServedNetwork) async {
        shelf.networks.withLock { networks in
            if networks[model.digest] === model { networks[model.digest] = nil }
        }
    }

    /// Parameters once, activations for each worker.
    package func bytes(of candidate: CandidateDescription) -> Int {
        let activations = max(candidate.peakMemoryBytes - candidate.decodedBytes, 0)
        return max(candidate.decodedBytes, 0) + activations * workers
    }
}
