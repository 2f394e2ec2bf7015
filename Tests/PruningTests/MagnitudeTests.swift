import ModelGraph
import OrderedJSON
import Testing

@testable import Pruning

@Suite struct MagnitudeTests {
    /// The zeros of the reference: sort everything by magnitude, then by position.
    private func reference(_ count: Int, _ weights: [[Float]]) -> [[Float]] {
        let order = weights.enumerated().flatMap { weight, values in
            values.enumerated().map { (magnitude: abs($1), weight: weight, index: $0) }
        }
        .sorted { ($0.magnitude, $0.weight, $0.index) < ($1.magnitude, $1.weight, $1.index) }
        var result = weights
        for place in order.prefix(count) { result[place.weight][place.index] = 0 }
        return result
    }

    private func graph(_ weights: [[Float]], type: ElementType = .float32) -> ModelGraph {
        var graph = ModelGraph(name: "bare", layers: [], nodes: [], inputs: [], outputs: [])
        for (index, values) in weights.enumerated() {
            let weight = Weight(
                role: "kernel", shape: [values.count, 1], elementType: type,
                storage: WeightStorage(byteCount: values.count * type.byteCount) { _ in }
            ).replacing(values: values)
            graph.layers.append(
                Layer(
                    path: ["layer\(index)"], className: "Dense", configuration: [:],
                    definition: InputLayerStub(), weights: [weight]))
        }
        return graph
    }

    private func check(_ weights: [[Float]], zeros: Int, type: ElementType = .float32) throws {
        let sparse = try graph(weights, type: type).sparsified(.global(zeros: zeros))
        #expect(sparse.graph.layers.map { $0.weights[0].floats() } == reference(zeros, weights))
        #expect(sparse.zeros == zeros)
        let replayed = try graph(weights, type: type).sparsified(sparse.sparsity)
        #expect(
            replayed.graph.layers.map { $0.weights[0].floats() }
                == sparse.graph.layers.map { $0.weights[0].floats() })
    }

    @Test(arguments: 0..<30) func selectsWhatSortingSelects(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let weights = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            // Few distinct values in some weights, so that ties are common.
            let steps = Float(Int.random(in: 1...2000, using: &random))
            return (0..<Int.random(in: 1...500, using: &random)).map { _ in
                (Float.random(in: -1...1, using: &random) * steps).rounded() / 64
            }
        }
        let total = weights.reduce(0) { $0 + $1.count }
        for type in [ElementType.float32, .float16, .float64, .bfloat16] {
            let exact = type == .float32 || type == .float64
            let stored = exact ? weights : weights.map { $0.map { Float(Int($0) % 128) } }
            try check(stored, zeros: Int.random(in: 0...total, using: &random), type: type)
        }
    }

    /// A sampled window must find what sorting finds, with and without ties at the threshold.
    @Test(arguments: [Float.infinity, 500, 3]) func windowFindsTheThreshold(steps: Float) throws {
        var random = SeededGenerator(seed: 7)
        let weights = [14_001, 6_000, 33].map { count in
            (0..<count).map { _ in
                let value = Float.random(in: -1...1, using: &random)
                return steps == .infinity ? value * value * value : (value * steps).rounded()
            }
        }
        let named = weights.enumerated().map { index, values in
            ("\(index)", Weight(role: "kernel", shape: [values.count], values: values))
        }
        let sorted = weights.joined().map { abs($0) }.sorted()
        for count in [1, 20, 10_000, 16_000, 20_034] {
            let selection = try MagnitudeSelection(count, smallestOf: named, sampleSize: 512)
            let threshold = sorted[count - 1]
            #expect(selection.threshold == Double(threshold))
            var ties = count - sorted.count { $0 < threshold }
            for (part, values) in zip(selection.parts, weights) {
                let equal = values.indices.filter { abs(values[$0]) == threshold }
                let taken = equal.prefix(ties)
                ties -= taken.count
                #expect(part.count == values.count { abs($0) < threshold } + taken.count)
                #expect(equal.filter { $0 < part.tieLimit } == Array(taken))
            }
        }
    }

    @Test func mixedTypesCompareByValue() throws {
        var graph = graph([[0.5, 0.1, 1 / 3]])
        let other = self.graph([[0.25, 1 / 3, 0.1]], type: .float64)
        graph.layers.append(other.layers[0])
        graph.layers[1].path = ["other"]
        let sparse = try graph.sparsified(.global(zeros: 4))
        #expect(sparse.graph.layers[0].weights[0].floats() == [0.5, 0, 0])
        #expect(sparse.graph.layers[1].weights[0].floats() == [0, 1 / 3, 0])
    }

    @Test func notANumberIsRefusedByName() throws {
        for type in [ElementType.float32, .float16] {
            let error = #expect(throws: PruningError.self) {
                try graph([[1, 2], [3, .nan]], type: type).sparsified(.global(zeros: 1))
            }
            #expect(
                error?.description
                    == "weight 'layer1/kernel': holds NaN, which has no magnitude to compare")
        }
    }
}

private struct InputLayerStub: LayerDefinition {
    static let classNames: [String] = []
    init(_ configuration: LayerConfiguration) {}
    init() {}
    func outputs(of call: LayerCall) throws(GraphError) -> [Shape] { call.inputs }
    func bind(_ channels: inout ChannelBinder) {}
}
