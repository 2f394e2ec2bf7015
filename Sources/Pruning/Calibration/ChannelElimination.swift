import LinearAlgebra
import ModelGraph
import Workers

/// The order in which the units of a channel group are best given up, when those who read the group are fitted anew after each.
///
/// Each reader's error counts as a share of its output's variance.
struct ChannelElimination {
    /// A block of a site that reads channels of the group.
    struct Reader {
        var layer: Int
        var block: Int
        /// Features of the block that belong to each unit.
        var features: [[Int]]
        var elimination: Elimination
        /// What errors are divided by.
        var energy: Double
        var featureCount: Int
        /// For each feature the mean square of what it adds to all outputs.
        var powers: [Double]
    }

    /// Units in the order in which they go; those that must stay are not among them.
    private(set) var order: [Int] = []
    /// What all readers' outputs have lost, as shares of their variances, when so many units are gone.
    private(set) var losses: [Double] = [0]
    private var readers: [Reader]
    private let group: ChannelGroup

    init(_ group: ChannelGroup, readers: [Reader]) {
        self.group = group
        self.readers = readers
    }

    /// Gives up units until no more may go.
    ///
    /// - Parameters:
    ///   - widths: at which kernels are wanted.
    ///   - snapshot: gets the width and the readers' kernels, `outputs × features` each.
    mutating func run(
        snapshotsAt widths: Set<Int>,
        _ snapshot: (_ width: Int, _ kernels: [(layer: Int, block: Int, kernel: [Double])]) -> Void
    ) {
        var left = (0..<group.size).filter { group.protections[$0] == nil }
        var loss = 0.0
        while !left.isEmpty, left.count + group.protections.count > group.fewest {
            let costs = costs(of: left)
            guard let best = costs.indices.min(by: { costs[$0] < costs[$1] }) else { break }
            let unit = left.remove(at: best)
            loss += max(costs[best], 0)
            order.append(unit)
            losses.append(loss)
            for index in readers.indices where !readers[index].features[unit].isEmpty {
                readers[index].elimination.remove(readers[index].features[unit])
            }
            let width = left.count + group.protections.count
            if widths.contains(width) {
                snapshot(
                    width,
                    readers.map {
                        ($0.layer, $0.block, $0.elimination.kernel(features: $0.featureCount))
                    })
            }
        }
    }

    private func costs(of units: [Int]) -> [Double] {
        let readers = readers
        let pieces = min(max(units.count / 4, 1), 8)
        let parts = concurrentMap(pieces) { piece -> [Double] in
            let range = units.count * piece / pieces..<units.count * (piece + 1) / pieces
            return units[range].map { unit in
                readers.reduce(0) { sum, reader in
                    let features = reader.features[unit]
                    guard !features.isEmpty, reader.energy > 0 else { return sum }
                    return sum + reader.elimination.cost(of: features) / reader.energy
                }
            }
        }
        return parts.flatMap(\.self)
    }
}
