import Execution
import KerasFormat
package import RuntimeAdapter
import Synchronization

/// A network ready to run on several threads: each run has a replica to itself.
package final class ServedNetwork: Sendable {
    /// The shape of one sample with its batch of 1.
    let inputShape: [Int]
    /// The shape of its result.
    let outputShape: [Int]
    private let original: PreparedModel
    private let idle: Mutex<[PreparedModel]>

    /// A prepared network.
    ///
    /// - Throws: `ExecutionError` for one with several inputs or outputs.
    init(_ model: PreparedModel) throws {
        guard model.inputShapes.count == 1, model.outputShapes.count == 1 else {
            throw NetworkShapeError()
        }
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
    private let pool: WorkerPool
    private let workers: Int

    /// A loader for a server with so many workers.
    package init(workers: Int) {
        self.workers = max(workers, 1)
        // Apart from the workers that predict: loading must not hold predictions up.
        pool = WorkerPool(workers: 1, mostWaiting: .max / 2)
    }

    /// Reads and prepares a network.
    ///
    /// - Throws: `KerasError`, `ExecutionError`.
    package func load(_ file: VariantFile) async throws -> ServedNetwork {
        try await pool.run(predictedMs: 0, deadlineMs: .infinity) {
            guard let path = file.path else {
                let copy = try NamelessFile(try file.bytes(), place: file.candidate.digest)
                return try withExtendedLifetime(copy) { try Self.network(at: copy.path) }
            }
            return try Self.network(at: path)
        }.output
    }

    private static func network(at path: String) throws -> ServedNetwork {
        let model = try KerasModel.load(path: path)
        return try ServedNetwork(
            PreparedModel(
                model.graph, batch: 1,
                options: PreparationOptions(threads: 1, refusesNonFinite: true)))
    }

    /// Runs it twice on zeros: the first run pays for pages and code that the second one finds.
    package func warmUp(_ model: ServedNetwork) async throws {
        _ = try await pool.run(predictedMs: 0, deadlineMs: .infinity) {
            let zeros = [Float](repeating: 0, count: model.inputCount)
            _ = try model.predict(zeros)
            _ = try model.predict(zeros)
        }
    }

    /// Parameters once, activations for each worker.
    package func bytes(of candidate: CandidateDescription) -> Int {
        let activations = max(candidate.peakMemoryBytes - candidate.decodedBytes, 0)
        return max(candidate.decodedBytes, 0) + activations * workers
    }
}
