package import Contexts
package import ModelGraph

/// To which workload the time of an operation of the engine belongs.
///
/// The engine merges in its own way: it adds a residual within the convolution, and pads on the way. The cost model counts
/// layers. So an operation that does the work of several layers is put down to the one that the cost model expects to take
/// longest; the others then cost next to nothing, and the sum is what the engine took.
package struct WorkloadAttribution: Sendable {
    /// For each node the index of its layer's workload.
    private let workloadOfNode: [Int]
    /// For each node the index of the counted workload that does its work; nil if the network has none.
    private let owners: [Int?]
    private let operations: [LayerWorkload.Operation]
    private let isCounted: [Bool]

    /// - Parameters:
    ///   - graph: the network.
    ///   - workloads: one for each layer that is called, in the order of the first calls, as in `ModelAnalysis.base`.
    package init(_ graph: ModelGraph, workloads: [LayerWorkload]) {
        var numbers: [Int: Int] = [:]
        let workloadOfNode = graph.nodes.map { node in
            let number = numbers[node.layer] ?? numbers.count
            numbers[node.layer] = number
            return number
        }
        self.workloadOfNode = workloadOfNode
        operations = workloads.map(\.operation)
        isCounted = workloads.map { !$0.isFused }
        let first = workloads.firstIndex { !$0.isFused }
        var owners: [Int?] = []
        for (index, node) in graph.nodes.enumerated() {
            let workload = workloadOfNode[index]
            if workloads.indices.contains(workload), !workloads[workload].isFused {
                owners.append(workload)
            } else {
                // What is fused is done by whoever made its input.
                owners.append(node.inputs.first.flatMap { owners[$0.node] } ?? first)
            }
        }
        self.owners = owners
    }

    /// The index of the workload that an operation's time belongs to; nil if nothing is counted.
    ///
    /// - Parameter nodes: the nodes whose work the operation does.
    package func owner(of nodes: [Int]) -> Int? {
        let counted = nodes.compactMap { node -> Int? in
            guard workloadOfNode.indices.contains(node) else { return nil }
            let workload = workloadOfNode[node]
            return isCounted.indices.contains(workload) && isCounted[workload] ? workload : nil
        }
        let heaviest = counted.enumerated().min { one, two in
            let (a, b) = (Self.rank(operations[one.element]), Self.rank(operations[two.element]))
            return (a, one.offset) < (b, two.offset)
        }
        if let heaviest { return heaviest.element }
        return nodes.first.flatMap { owners.indices.contains($0) ? owners[$0] : nil }
    }

    private static func rank(_ operation: LayerWorkload.Operation) -> Int {
        switch operation {
        case .convolution, .dense, .recurrent, .attention: 0
        case .depthwiseConvolution: 1
        case .pooling, .other: 2
        case .normalization: 3
        case .elementWise: 4
        case .dataMovement: 5
        }
    }
}
