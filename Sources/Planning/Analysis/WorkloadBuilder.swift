import Contexts
import ModelGraph
import Pruning

/// Describes a graph's layers to the cost model.
///
/// Works for the model that was analysed and for any other of the same topology, such as a variant.
struct WorkloadBuilder {
    private let graph: ModelGraph
    private let shapes: TensorShapes
    /// For each tensor, the axis along which its channels stand.
    private let channelAxis: (TensorReference) -> Int
    private let readers: [TensorReference: [Int]]

    init(
        _ graph: ModelGraph, shapes: TensorShapes,
        channelAxis: @escaping (TensorReference) -> Int
    ) {
        self.graph = graph
        self.shapes = shapes
        self.channelAxis = channelAxis
        readers = graph.consumers()
    }

    /// One workload for each layer that is called, in the order of the first calls.
    ///
    /// - Returns: the workloads, and for each the node of the layer's first call.
    func layers() -> [(workload: LayerWorkload, node: Int)] {
        var repeats = [Int](repeating: 0, count: graph.layers.count)
        var first: [Int] = []
        for (index, node) in graph.nodes.enumerated() {
            if repeats[node.layer] == 0 { first.append(index) }
            repeats[node.layer] += 1
        }
        let fused = fusedNodes()
        return first.map { index in
            let count = repeats[graph.nodes[index].layer]
            return (workload(of: index, repeats: count, isFused: fused[index]), index)
        }
    }

    /// The layers whose sizes are not known, because the model leaves dimensions open.
    func unknownLayers() -> [String] {
        graph.nodes.indices.filter { index in
            shapes.nodes[index].contains { $0.sampleElementCount == nil }
        }
        .map { graph.layers[graph.nodes[$0].layer].name }
    }

    private func work(of index: Int) -> LayerWork? {
        let node = graph.nodes[index]
        let layer = graph.layers[node.layer]
        return layer.definition.work(of: shapes.call(of: node), outputs: shapes.nodes[index])
    }

    private func workload(of index: Int, repeats: Int, isFused: Bool) -> LayerWorkload {
        let node = graph.nodes[index]
        let layer = graph.layers[node.layer]
        let work = work(of: index)
        let operation = Self.operation(work?.kind ?? .elementWise)
        let output = TensorReference(node: index)
        let inputs = node.inputs
        let outputChannels = channels(output)
        var inputChannels = inputs.first.map { channels($0) } ?? outputChannels
        // What is joined side by side is read side by side.
        if operation == .dataMovement, inputs.count > 1 {
            inputChannels = inputs.reduce(0) { $0 + channels($1) }
        }
        let elements = shapes[output].sampleElementCount ?? 0
        var positions = elements / max(outputChannels, 1)
        var kernel: [Int] = []
        if let work, work.kind != .dataMovement, work.kind != .elementWise {
            positions = max(work.positions, 1)
            kernel = work.kernel
        }
        let taps = kernel.reduce(1) { $0.saturatingTimes($1) }
        return LayerWorkload(
            name: layer.name, operation: operation, kernel: Contexts.Window(kernel),
            stride: Contexts.Window(work?.strides ?? []),
            positions: positions.saturatingTimes(repeats), taps: taps,
            inputChannels: inputChannels, outputChannels: outputChannels,
            groups: max(work?.groups ?? 1, 1),
            multiplyAdds: (work?.multiplyAdds ?? 0).saturatingTimes(repeats),
            parameterBytes: layer.weights.reduce(0) { $0.saturatingPlus(Self.residentBytes($1)) },
            inputBytes: inputs.reduce(0) { $0.saturatingPlus(bytes($1)) }.saturatingTimes(repeats),
            outputBytes: bytes(output).saturatingTimes(repeats), isFused: isFused)
    }

    private func channels(_ tensor: TensorReference) -> Int {
        guard shapes[tensor].rank > 1 else { return 1 }
        return max(shapes[tensor][channelAxis(tensor)] ?? 1, 1)
    }

    private func bytes(_ tensor: TensorReference) -> Int {
        (shapes[tensor].sampleElementCount ?? 0).saturatingTimes(Self.activationBytes)
    }

    /// Bytes of one element of a tensor at run time: runtimes compute in float32.
    static let activationBytes = 4

    /// Bytes of a weight at run time: half precision is widened when a file is loaded, nothing is narrowed.
    static func residentBytes(_ weight: Weight) -> Int {
        weight.elementCount.saturatingTimes(residentBytes(weight.elementType))
    }

    static func residentBytes(_ type: ElementType) -> Int {
        type.isFloatingPoint ? max(type.byteCount, 4) : type.byteCount
    }

    // MARK: Fusion

    /// The nodes whose work a runtime does within another layer, or that have none.
    private func fusedNodes() -> [Bool] {
        var fused = [Bool](repeating: false, count: graph.nodes.count)
        // Whether a node ends in a layer that takes what follows it into its own loop.
        var absorbs = [Bool](repeating: false, count: graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() {
            let definition = graph.layers[node.layer].definition
            let work = work(of: index)
            let kind = work?.kind ?? .elementWise
            guard let input = node.inputs.first else {
                fused[index] = true
                continue
            }
            if definition.memory == .view || work == LayerWork.none {
                fused[index] = true
                absorbs[index] = absorbs[input.node] && isOnlyReader(of: input)
                continue
            }
            switch kind {
            case .convolution, .depthwiseConvolution, .dense:
                absorbs[index] = true
            case .normalization, .elementWise:
                guard definition.memory == .inPlace, node.inputs.count == 1,
                    absorbs[input.node], isOnlyReader(of: input)
                else { continue }
                fused[index] = true
                absorbs[index] = true
            default: continue
            }
        }
        return fused
    }

    private func isOnlyReader(of tensor: TensorReference) -> Bool {
        readers[tensor]?.count == 1 && !graph.outputs.contains(tensor)
    }

    private static func operation(_ kind: LayerWork.Kind) -> LayerWorkload.Operation {
        switch kind {
        case .convolution: .convolution
        case .depthwiseConvolution: .depthwiseConvolution
        case .dense: .dense
        case .pooling: .pooling
        case .normalization: .normalization
        case .elementWise: .elementWise
        case .recurrent: .recurrent
        case .attention: .attention
        case .dataMovement: .dataMovement
        case .other: .other
        }
    }
}
