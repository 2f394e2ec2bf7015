import Execution
import LinearAlgebra
import ModelGraph

/// Second moments of what the sites of a network read, from one pass over the samples.
struct CalibrationStatistics: Sendable {
    /// The equations of one block of a site, without targets.
    struct Block: Sendable {
        var equations: NormalEquations
    }

    /// By layer; for each block of the site.
    private(set) var blocks: [Int: [Block]] = [:]
    /// Sites with more features than that are left out: their moments would not fit into memory.
    static let featureLimit = 8192

    /// Runs a network over all samples.
    ///
    /// - Parameters:
    ///   - sites: those whose inputs are looked at.
    ///   - rows: places that are looked at for each site, over all samples; more where a site has many features.
    init(
        _ walk: ActivationWalk, sites: [LinearSite], rows: Int
    ) throws {
        let graph = walk.graph
        var collectors: [Collector] = []
        for site in sites {
            for call in site.nodes.indices {
                guard
                    let geometry = SiteGeometry(
                        site, call: call, of: graph, shapes: walk.shapes),
                    geometry.features <= Self.featureLimit
                else { continue }
                let wanted = max(rows, 8 * geometry.features) / site.nodes.count
                collectors.append(
                    Collector(
                        layer: site.layer, input: site.inputs(in: graph)[call],
                        geometry: geometry,
                        choice: PlaceChoice(
                            places: geometry.places, samples: walk.samples.count, rows: wanted,
                            seed: site.layer)))
            }
        }
        let leg = try walk.leg(to: collectors.map(\.input))
        try leg.run {
            $1
        } take: { range, tensors in
            for collector in collectors {
                guard let tensor = tensors[collector.input] else { continue }
                collector.add(tensor, samples: range)
            }
        }
        for collector in collectors {
            let new = collector.moments
            if var known = sums[collector.layer] {
                for block in new.indices { known[block].add(new[block]) }
                sums[collector.layer] = known
            } else {
                sums[collector.layer] = new
            }
            collector.moments = []
        }
        for (layer, moments) in sums {
            blocks[layer] = moments.map { Block(equations: $0.normalized()) }
        }
        sums = [:]
    }

    private var sums: [Int: [SecondMoments]] = [:]

    /// Forgets what is known of a layer.
    mutating func drop(_ layer: Int) { blocks[layer] = nil }
}

/// Takes the moments of one call of a site.
private final class Collector {
    let layer: Int
    let input: TensorReference
    let geometry: SiteGeometry
    let choice: PlaceChoice
    var moments: [SecondMoments]

    init(layer: Int, input: TensorReference, geometry: SiteGeometry, choice: PlaceChoice) {
        self.layer = layer
        self.input = input
        self.geometry = geometry
        self.choice = choice
        // Calls of a shared layer add up only if all of them are shifted alike: by nothing.
        moments = (0..<geometry.blocks).map { _ in
            SecondMoments(features: geometry.features, targets: 0, shifts: false)
        }
    }

    func add(_ tensor: Tensor, samples: Range<Int>) {
        let places = samples.map { choice[$0] }
        let count = places.reduce(0) { $0 + $1.count }
        let rows = UnsafeMutablePointer<Float>.allocate(capacity: max(count * geometry.features, 1))
        defer { rows.deallocate() }
        for block in 0..<geometry.blocks {
            var start = 0
            for (offset, places) in places.enumerated() {
                tensor.withSample(offset, size: geometry.input.sampleSize) { values in
                    geometry.gather(
                        values, places: places, block: block,
                        into: rows + start * geometry.features)
                }
                start += places.count
            }
            var nothing: Float = 0
            moments[block].add(rows, &nothing, rows: count)
        }
    }
}
