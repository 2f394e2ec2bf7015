import Contexts

/// The latency table that a number of settings make.
struct MeasuredTable {
    /// In the order in which networks and layers were measured; widths ascending.
    private(set) var rows: [LatencyMeasurement] = []
    /// Rows that no setting showed, made from their neighbours so that grids have no holes.
    private(set) var filledCount = 0

    /// What the rows of one grid have in common.
    private struct Grid: Hashable {
        var network: String
        var layer: String
        var operation: LayerWorkload.Operation
        var kernel: Window
        var stride: Window
        var positions: Int
        var groups: Int

        init(_ row: LatencyMeasurement) {
            network = row.network
            layer = row.layer
            operation = row.operation
            kernel = row.kernel
            stride = row.stride
            positions = row.positions
            groups = row.groups
        }
    }

    private struct Widths: Hashable {
        var inputs: Int
        var outputs: Int
    }

    /// - Parameter settings: of any number of networks.
    init(_ settings: [NetworkProbe.Setting]) {
        var networks: [String] = []
        for setting in settings where !networks.contains(setting.network) {
            networks.append(setting.network)
        }
        let settings = networks.flatMap { name in
            settings.filter { $0.network == name }.steadied()
        }
        var order: [Grid] = []
        var grids: [Grid: [Widths: [LatencyMeasurement]]] = [:]
        // The networks themselves come first and are not averaged with anything.
        var bases: Set<[String]> = []
        for setting in settings.sorted(by: { ($0.number == 0 ? 0 : 1) < ($1.number == 0 ? 0 : 1) })
        {
            for row in setting.layers {
                let grid = Grid(row)
                let widths = Widths(
                    inputs: row.hasOneWidth ? 0 : row.inputChannels, outputs: row.outputChannels)
                let key = [row.network, row.layer, "\(widths.inputs)", "\(widths.outputs)"]
                if setting.number == 0 {
                    bases.insert(key)
                } else if bases.contains(key) {
                    continue
                }
                if grids[grid] == nil { order.append(grid) }
                grids[grid, default: [:]][widths, default: []].append(row)
            }
        }
        for grid in order { add(grids[grid] ?? [:]) }
    }

    private mutating func add(_ cells: [Widths: [LatencyMeasurement]]) {
        var merged = cells.compactMapValues(Self.merged)
        guard let example = merged.values.first else { return }
        let inputs = Set(merged.keys.map(\.inputs)).sorted()
        let outputs = Set(merged.keys.map(\.outputs)).sorted()
        let known = merged
        for input in inputs {
            for output in outputs where known[Widths(inputs: input, outputs: output)] == nil {
                var row = example
                row.inputChannels = input
                row.outputChannels = output
                row.microseconds = Self.filling(input, output, known)
                row.deviation = 0
                row.samples = 1
                merged[Widths(inputs: input, outputs: output)] = row
                filledCount += 1
            }
        }
        rows += Self.ordered(
            inputs.flatMap { input in
                outputs.compactMap { merged[Widths(inputs: input, outputs: $0)] }
            }, columns: outputs.count)
    }

    /// No wider layer faster than a narrower one; the last, which is the network's own, hardly gives way.
    private static func ordered(
        _ rows: [LatencyMeasurement], columns: Int
    ) -> [LatencyMeasurement] {
        let fitted = MonotoneFit.fit(
            rows.map { max($0.microseconds, LatencyMeasurement.least) },
            weights: rows.indices.map { $0 == rows.count - 1 ? ownWeight : 1 }, columns: columns)
        return zip(rows, fitted).map { row, microseconds in
            var row = row
            row.microseconds = microseconds
            return row
        }
    }

    /// By how much more the network as it is counts than the same layer with other widths.
    private static let ownWeight = 100.0

    /// The median of what several settings say of the same widths.
    private static func merged(_ rows: [LatencyMeasurement]) -> LatencyMeasurement? {
        let sorted = rows.sorted { $0.microseconds < $1.microseconds }
        guard var row = sorted.first else { return nil }
        let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
        row.microseconds = (low.microseconds + high.microseconds) / 2
        row.deviation = (low.deviation + high.deviation) / 2
        row.samples = rows.reduce(0) { $0 + $1.samples }
        return row
    }

    /// The geometric mean of the nearest in the row and the nearest in the column.
    private static func filling(
        _ input: Int, _ output: Int, _ known: [Widths: LatencyMeasurement]
    ) -> Double {
        func nearest(_ distance: (Widths) -> Int?) -> Double? {
            known.compactMap { widths, row in distance(widths).map { ($0, row.microseconds) } }
                .min { $0 < $1 }?.1
        }
        let inRow = nearest { $0.inputs == input ? abs($0.outputs - output) : nil }
        let inColumn = nearest { $0.outputs == output ? abs($0.inputs - input) : nil }
        let (a, b) = (inRow ?? inColumn ?? 0, inColumn ?? inRow ?? 0)
        return (max(a, 0) * max(b, 0)).squareRoot()
    }

    /// The file's content.
    ///
    /// - Parameter comments: lines that say what was measured how.
    func csv(comments: [String]) -> String {
        let lines = comments.map { "# \($0)" } + [LatencyMeasurement.header] + rows.map(\.row)
        return lines.joined(separator: "\n") + "\n"
    }
}
