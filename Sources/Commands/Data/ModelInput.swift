import Datasets
import ModelGraph

/// What a model takes.
enum ModelInput {
    /// Whether the model begins by treating the numbers of its input itself.
    ///
    /// That is `Rescaling`, `Normalization`, or arithmetic with constants; layers that leave numbers alone may come before.
    static func rescales(_ graph: ModelGraph) -> Bool {
        guard let input = graph.inputs.first else { return false }
        let consumers = graph.consumers()
        var waiting = [input]
        var seen: Set<TensorReference> = []
        while let tensor = waiting.popLast() {
            guard seen.insert(tensor).inserted else { continue }
            for index in consumers[tensor] ?? [] {
                let node = graph.nodes[index]
                switch graph.layers[node.layer].definition {
                case is Rescaling, is Normalization: return true
                case is ArithmeticOperation where node.inputs.count == 1: return true
                case is Identity, is InputLayer, is ZeroPadding, is Cropping, is Reshape,
                    is Permute,
                    is AxisOperation, is ReshapeOperation, is SliceOperation:
                    waiting.append(TensorReference(node: index))
                default: break
                }
            }
        }
        return false
    }

    /// The samples in one run, where the model fixes them; nil where any number will do.
    static func batch(_ graph: ModelGraph) -> Int? {
        guard let input = graph.inputs.first, let shapes = try? graph.inferShapes(),
            shapes[input].rank > 0
        else { return nil }
        return shapes[input][0]
    }

    /// The shape of one sample, without the batch; what the model leaves open is taken from the data.
    ///
    /// - Throws: ``CommandFailure`` for several inputs, and for sizes that nobody tells.
    static func sampleShape(_ graph: ModelGraph, for data: Dataset) throws -> [Int] {
        guard graph.inputs.count == 1 else {
            throw CommandFailure(
                .badData,
                "'\(graph.name)' takes \(graph.inputs.count) inputs, and data has one; leave --data out to measure latency alone"
            )
        }
        let shape = try graph.inferShapes()[graph.inputs[0]]
        var sizes = Array(shape.dimensions.dropFirst())
        let open = sizes.indices.filter { sizes[$0] == nil }
        guard !open.isEmpty else { return sizes.compactMap(\.self) }
        if sizes.count == 3, let resize = data.preprocessing.resize {
            var said = [resize.height, resize.width]
            for axis in open where !said.isEmpty { sizes[axis] = said.removeFirst() }
        } else if !data.variesInSize {
            let stored = data.sampleShape + (data.sampleShape.count == 2 ? [1] : [])
            for axis in open where stored.count == sizes.count { sizes[axis] = stored[axis] }
        }
        let known = sizes.compactMap(\.self)
        guard known.count == sizes.count else {
            throw CommandFailure(
                .badData,
                "'\(graph.name)' leaves the size of its input open (\(shape)); give --input-shape")
        }
        return known
    }
}
