import Execution
import ModelGraph

/// Runs what is behind the present place of a walk, with other weights there.
struct OutputRun {
    let walk: ActivationWalk

    init(_ walk: ActivationWalk) { self.walk = walk }

    /// All samples of each output of a network of the same topology.
    func outputs(of graph: ModelGraph) throws -> [[Float]] {
        let original = walk.graph
        defer { walk.graph = original }
        walk.graph = graph
        let leg = try walk.leg(to: graph.outputs)
        var outputs = graph.outputs.map { _ in [Float]() }
        try leg.run {
            $1
        } take: { range, tensors in
            for (index, reference) in graph.outputs.enumerated() {
                guard let tensor = tensors[reference] else { continue }
                let size = tensor.shape.dropFirst().reduce(1, *)
                outputs[index] += tensor.values.prefix(range.count * size)
            }
        }
        return outputs
    }
}
