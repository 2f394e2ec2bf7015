import Execution
import LinearAlgebra
import ModelGraph

/// Looks at what one call of a site reads: which channels vary, and how many features tell something of their own.
final class SiteObserver {
    /// What looks at a batch, on any thread.
    struct Watch: Sendable {
        var input: TensorReference
        var geometry: SiteGeometry
        /// nil if the rank is not asked for.
        var choice: PlaceChoice?
    }

    /// What one batch shows.
    struct Piece: Sendable {
        var lowest: [Float] = []
        var highest: [Float] = []
        /// Features at the chosen places.
        var rows: [Float] = []
        /// The first sample for which a value is not finite.
        var notFinite: Int?
    }

    let watch: Watch
    private let layer: String
    /// Whether another site before reads the same tensor.
    private let repeats: Bool
    /// All there would be, over all samples and calls.
    private let rowCount: Int
    private var lowest: [Float]
    private var highest: [Float]
    private var moments: SecondMoments?

    var input: TensorReference { watch.input }

    private init(_ layer: String, _ watch: Watch, repeats: Bool, rowCount: Int) {
        self.layer = layer
        self.watch = watch
        self.repeats = repeats
        self.rowCount = rowCount
        lowest = Array(repeating: .infinity, count: watch.geometry.input.channels)
        highest = Array(repeating: -.infinity, count: watch.geometry.input.channels)
        if watch.choice != nil {
            moments = SecondMoments(features: watch.geometry.features, targets: 0)
        }
    }

    /// One for each call of each site, in the order of the network.
    static func all(
        of walk: ActivationWalk, options: CalibrationCheck.Options
    ) -> [SiteObserver] {
        var seen: Set<TensorReference> = []
        var observers: [SiteObserver] = []
        let calls = LinearSite.sites(of: walk.graph).flatMap { site in
            site.nodes.indices.map { (site: site, call: $0, node: site.nodes[$0]) }
        }
        for (site, call, node) in calls.sorted(by: { $0.node < $1.node }) {
            guard let input = walk.graph.nodes[node].inputs.first,
                let geometry = SiteGeometry(site, call: call, of: walk.graph, shapes: walk.shapes)
            else { continue }
            // Blocks are small, and a depthwise window over smooth images says little.
            let isRanked = geometry.blocks == 1 && geometry.features <= options.featureLimit
            let choice = PlaceChoice(
                places: geometry.places, samples: walk.samples.count,
                rows: max(options.rows, 2 * geometry.features), seed: site.layer)
            observers.append(
                SiteObserver(
                    walk.graph.layers[site.layer].name,
                    Watch(
                        input: input, geometry: geometry,
                        choice: isRanked && call == 0 ? choice : nil),
                    repeats: !seen.insert(input).inserted,
                    rowCount: geometry.places * walk.samples.count * site.nodes.count))
        }
        return observers
    }

    func add(_ piece: Piece) throws(PruningError) {
        if let sample = piece.notFinite {
            throw PruningError(
                .samples, at: "\(sample)",
                "makes the input of layer '\(layer)' hold values that are not finite")
        }
        for channel in lowest.indices {
            lowest[channel] = min(lowest[channel], piece.lowest[channel])
            highest[channel] = max(highest[channel], piece.highest[channel])
        }
        var rows = piece.rows
        var nothing: Float = 0
        moments?.add(&rows, &nothing, rows: rows.count / max(watch.geometry.features, 1))
    }

    var deadChannels: CalibrationCheck.Warning? {
        guard !repeats else { return nil }
        let dead = zip(lowest, highest).count { $0 == $1 }
        return dead == 0 ? nil : .deadChannels(layer: layer, count: dead, of: lowest.count)
    }

    func rankDeficiency(_ options: CalibrationCheck.Options) -> CalibrationCheck.Warning? {
        guard let moments, moments.count >= 2 * watch.geometry.features,
            let rank = moments.normalized().rank(tolerance: options.tolerance),
            rank.effective < rank.varying
        else { return nil }
        return .rankDeficient(layer: layer, rank: rank.effective, features: rank.varying)
    }

    /// The layer with the fewest rows for each feature, if those are too few.
    static func fewRows(_ observers: [SiteObserver]) -> [CalibrationCheck.Warning] {
        let ratios = observers.map {
            Double($0.rowCount) / Double(max($0.watch.geometry.features, 1))
        }
        guard let worst = ratios.indices.min(by: { ratios[$0] < ratios[$1] }), ratios[worst] < 2
        else { return [] }
        let observer = observers[worst]
        return [
            .fewRows(
                layer: observer.layer, rows: observer.rowCount,
                features: observer.watch.geometry.features)
        ]
    }
}

extension SiteObserver.Watch {
    func observe(
        _ tensors: [TensorReference: Tensor], _ range: Range<Int>
    ) -> SiteObserver.Piece {
        let steps = geometry.input
        var piece = SiteObserver.Piece(
            lowest: Array(repeating: .infinity, count: steps.channels),
            highest: Array(repeating: -.infinity, count: steps.channels))
        guard let tensor = tensors[input] else { return piece }
        for (offset, sample) in range.enumerated() {
            tensor.withSample(offset, size: steps.sampleSize) { values in
                for channel in 0..<steps.channels {
                    var (low, high) = (piece.lowest[channel], piece.highest[channel])
                    var isFinite = true
                    for place in 0..<steps.sampleSize / steps.channels {
                        let value = values[place * steps.place + channel * steps.channel]
                        (low, high) = (min(low, value), max(high, value))
                        isFinite = isFinite && value.isFinite
                    }
                    (piece.lowest[channel], piece.highest[channel]) = (low, high)
                    if !isFinite { piece.notFinite = piece.notFinite ?? sample }
                }
                guard let places = choice?[sample] else { return }
                let row = UnsafeMutableBufferPointer<Float>.allocate(
                    capacity: max(places.count * geometry.features, 1))
                defer { row.deallocate() }
                guard let base = row.baseAddress else { return }
                geometry.gather(values, places: places, block: 0, into: base)
                piece.rows += row.prefix(places.count * geometry.features)
            }
        }
        return piece
    }
}
