import Execution
import Foundation
import ModelGraph
import Synchronization
import Workers

/// Runs a network over all samples from its inputs to its outputs, a part at a time.
///
/// Between two parts the tensors that later parts need are kept for all samples, as long as they fit into a limit; what does not
/// fit is computed again from what was kept last. So all layers of a network are visited for about the price of one run, and
/// the weights of a layer may be changed before it is run.
final class ActivationWalk {
    /// The network; weights of layers that were not run yet may be changed.
    var graph: ModelGraph
    let shapes: TensorShapes
    let samples: any CalibrationSamples
    private let byteLimit: Int
    /// By node.
    private var isDone: [Bool]
    private var kept: [TensorReference: KeptTensor] = [:]

    /// - Parameters:
    ///   - shapes: of the graph, with all sample sizes known.
    ///   - byteLimit: for the tensors that are kept.
    init(
        _ graph: ModelGraph, shapes: TensorShapes, samples: any CalibrationSamples,
        byteLimit: Int = 1 << 30
    ) {
        self.graph = graph
        self.shapes = shapes
        self.samples = samples
        self.byteLimit = byteLimit
        isDone = Array(repeating: false, count: graph.nodes.count)
    }

    /// Samples that are run at once: as many as keep tensors within the caches' reach.
    static func batch(for shapes: TensorShapes) -> Int {
        let largest = shapes.nodes.joined().reduce(1) { max($0, $1.sampleElementCount ?? 1) }
        return min(max((8 << 20) / largest, 1), 64)
    }

    /// Prepares the part that leads from what is kept to some tensors.
    func leg(to wanted: [TensorReference]) throws -> WalkLeg {
        var done = isDone
        for tensor in wanted { markAncestors(of: tensor.node, in: &done) }
        let live = liveTensors(after: done)
        let bytes = live.reduce(0) {
            $0 + (shapes[$1].sampleElementCount ?? 0) * samples.count * 4
        }
        let keeps = bytes <= byteLimit
        let known = Set(kept.keys)
        let targets = wanted + (keeps ? live : [])
        let segment = try graph.segment(making: targets, from: known, shapes: shapes)
        let batch = Self.batch(for: shapes)
        var model: PreparedModel?
        if !segment.outputs.isEmpty {
            model = try PreparedModel(
                segment.graph,
                inputShapes: segment.inputs.map { [batch] + sampleShape(of: $0) }, batch: batch,
                options: PreparationOptions(threads: 1, usesWinograd: false))
        }
        return WalkLeg(
            walk: self, segment: segment, model: model, batch: batch, wanted: wanted,
            known: kept, keeping: keeps ? live : [], done: keeps ? done : isDone)
    }

    /// Takes over what a leg has kept; call it when all samples were run.
    fileprivate func finish(_ leg: WalkLeg) {
        guard !leg.keeping.isEmpty || leg.done != isDone else { return }
        isDone = leg.done
        var tensors: [TensorReference: KeptTensor] = [:]
        for tensor in leg.keeping { tensors[tensor] = leg.kept[tensor] ?? kept[tensor] }
        kept = tensors
    }

    /// Takes back what was run with the weights that a layer had, after they changed.
    ///
    /// Nothing is lost unless the layer is called several times, with layers between its calls.
    func forget(outputsOf layer: Int) {
        var isStale = [Bool](repeating: false, count: graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() {
            isStale[index] =
                node.layer == layer && isDone[index]
                || node.inputs.contains { isStale[$0.node] }
            if isStale[index] { isDone[index] = false }
        }
        kept = kept.filter { !isStale[$0.key.node] }
    }

    func sampleShape(of tensor: TensorReference) -> [Int] {
        shapes[tensor].dimensions.dropFirst().map { $0 ?? 1 }
    }

    private func markAncestors(of node: Int, in done: inout [Bool]) {
        var stack = [node]
        while let next = stack.popLast() {
            guard !done[next] else { continue }
            done[next] = true
            stack += graph.nodes[next].inputs.map(\.node)
        }
    }

    /// Tensors of nodes that are done which others still need, but for the model's inputs.
    private func liveTensors(after done: [Bool]) -> [TensorReference] {
        let inputs = Set(graph.inputs)
        var live: [TensorReference] = []
        var seen: Set<TensorReference> = []
        func add(_ tensor: TensorReference) {
            guard done[tensor.node], !inputs.contains(tensor), seen.insert(tensor).inserted else {
                return
            }
            live.append(tensor)
        }
        for (index, node) in graph.nodes.enumerated() where !done[index] {
            node.inputs.forEach(add)
        }
        graph.outputs.forEach(add)
        return live
    }
}

/// One tensor for all samples.
// Safe to send: while it is written, each thread has samples of its own; afterwards it is only read.
final class KeptTensor: @unchecked Sendable {
    let sampleSize: Int
    let values: UnsafeMutableBufferPointer<Float>

    init(samples: Int, sampleSize: Int) {
        self.sampleSize = sampleSize
        values = .allocate(capacity: max(samples * sampleSize, 1))
    }

    deinit { values.deallocate() }

    /// Some samples; the rest of the batch is zero.
    func tensor(_ samples: Range<Int>, shape: [Int], batch: Int) -> Tensor {
        let used = UnsafeBufferPointer(
            rebasing: values[samples.lowerBound * sampleSize..<samples.upperBound * sampleSize])
        let size = sampleSize
        let all = [Float](unsafeUninitializedCapacity: batch * size) { buffer, initialized in
            _ = buffer.update(fromContentsOf: used)
            buffer[used.count...].initialize(repeating: 0)
            initialized = batch * size
        }
        return Tensor(shape: [batch] + shape, values: all)
    }
}

/// A part of an ``ActivationWalk``, ready to run.
// Safe to send: threads that run it write to parts of the kept tensors that are each their own, and change nothing else.
final class WalkLeg: @unchecked Sendable {
    private let walk: ActivationWalk
    private let segment: GraphSegment
    private let model: PreparedModel?
    let batch: Int
    private let wanted: [TensorReference]
    private let known: [TensorReference: KeptTensor]
    fileprivate let keeping: [TensorReference]
    fileprivate var kept: [TensorReference: KeptTensor] = [:]
    fileprivate let done: [Bool]

    fileprivate init(
        walk: ActivationWalk, segment: GraphSegment, model: PreparedModel?, batch: Int,
        wanted: [TensorReference], known: [TensorReference: KeptTensor],
        keeping: [TensorReference], done: [Bool]
    ) {
        self.walk = walk
        self.segment = segment
        self.model = model
        self.batch = batch
        self.wanted = wanted
        self.known = known
        self.keeping = keeping
        self.done = done
        for tensor in keeping where known[tensor] == nil {
            kept[tensor] = KeptTensor(
                samples: walk.samples.count,
                sampleSize: walk.sampleShape(of: tensor).reduce(1, *))
        }
    }

    /// Runs all samples, several batches at once, each on a thread of its own.
    ///
    /// - Parameters:
    ///   - prepare: makes something of some samples and the wanted tensors, each for a whole batch, of which rows beyond the samples hold
    ///     nothing of use; called in parallel.
    ///   - take: gets what was prepared, in the order of the samples.
    func run<Piece: Sendable>(
        _ prepare: @Sendable (Range<Int>, [TensorReference: Tensor]) throws -> Piece,
        take: (Range<Int>, Piece) throws -> Void = { _, _ in }
    ) throws {
        let ranges = stride(from: 0, to: walk.samples.count, by: batch).map {
            $0..<min($0 + batch, walk.samples.count)
        }
        let workers = max(1, min(Workers.count, 8, ranges.count))
        let models = try (0..<workers).map { try $0 == 0 ? model : model?.replica() }
        for start in stride(from: 0, to: ranges.count, by: workers * 2) {
            let round = Array(ranges[start..<min(start + workers * 2, ranges.count)])
            let next = Mutex(0)
            let results = Mutex([Result<Piece, any Error>?](repeating: nil, count: round.count))
            _ = concurrentMap(workers) { worker in
                while true {
                    let index = next.withLock { next in
                        defer { next += 1 }
                        return next
                    }
                    guard index < round.count else { return }
                    let result = Result {
                        try prepare(round[index], try tensors(round[index], models[worker]))
                    }
                    results.withLock { $0[index] = result }
                }
            }
            for (range, result) in zip(round, results.withLock({ $0 })) {
                if let result { try take(range, try result.get()) }
            }
        }
    }

    private func tensors(
        _ samples: Range<Int>, _ model: PreparedModel?
    ) throws -> [TensorReference: Tensor] {
        var tensors: [TensorReference: Tensor] = [:]
        if let model {
            var given: [Tensor]?
            let inputs = try segment.inputs.map { reference -> Tensor in
                let shape = walk.sampleShape(of: reference)
                if let kept = known[reference] {
                    return kept.tensor(samples, shape: shape, batch: batch)
                }
                let all = try given ?? walk.samples.tensors(samples)
                given = all
                guard let place = walk.graph.inputs.firstIndex(of: reference) else {
                    throw PruningError(.rewrite, "a tensor of the network is missing")
                }
                return all[place].filled(to: batch)
            }
            for (reference, tensor) in zip(segment.outputs, try model.run(inputs)) {
                tensors[reference] = tensor
                guard let kept = kept[reference] else { continue }
                let size = kept.sampleSize
                let target = UnsafeMutableBufferPointer(
                    rebasing: kept.values[samples.lowerBound * size..<samples.upperBound * size])
                _ = target.update(fromContentsOf: tensor.values.prefix(samples.count * size))
            }
        }
        for reference in wanted where tensors[reference] == nil {
            if let kept = known[reference] {
                tensors[reference] = kept.tensor(
                    samples, shape: walk.sampleShape(of: reference), batch: batch)
            }
        }
        return tensors
    }

    /// Says that all samples were run, so that the next part may start here.
    func finish() { walk.finish(self) }
}

extension Tensor {
    /// With zeros for the samples that a batch lacks.
    func filled(to batch: Int) -> Tensor {
        guard let count = shape.first, count < batch else { return self }
        let size = shape.dropFirst().reduce(1, *)
        return Tensor(
            shape: [batch] + shape.dropFirst(),
            values: values + repeatElement(0, count: (batch - count) * size))
    }
}
