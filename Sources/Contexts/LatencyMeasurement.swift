/// One row of a latency table: a layer at certain widths, and how long it took.
package struct LatencyMeasurement: Sendable, Equatable {
    /// Where it was measured; empty if the row stands for every layer of its kind.
    package var network: String
    package var layer: String
    package var operation: LayerWorkload.Operation
    package var kernel: Window
    package var stride: Window
    package var positions: Int
    package var groups: Int
    package var inputChannels: Int
    package var outputChannels: Int
    package var microseconds: Double
    /// Median distance of the samples from the median.
    package var deviation: Double
    package var samples: Int

    /// A measurement of that layer, at the widths that it has.
    package init(
        _ workload: LayerWorkload, network: String, microseconds: Double, deviation: Double = 0,
        samples: Int = 1
    ) {
        self.network = network
        layer = workload.name
        operation = workload.operation
        kernel = workload.kernel
        stride = workload.stride
        positions = workload.positions
        groups = LatencyTable.hasOneWidth(workload.operation) ? 1 : workload.groups
        inputChannels = workload.inputChannels
        outputChannels = workload.outputChannels
        self.microseconds = microseconds
        self.deviation = deviation
        self.samples = samples
    }

    /// Whether the layer sees the same channels on both sides, so that its grid has one axis.
    package var hasOneWidth: Bool { LatencyTable.hasOneWidth(operation) }

    /// The header of a file of such rows.
    package static let header = LatencyTable.Column.allCases
        .filter { $0 != .height && $0 != .width }.map(\.rawValue).joined(separator: ",")

    /// The row as it stands in the file.
    ///
    /// Names that cannot stand between commas lose what stands in the way; their rows then serve other layers only.
    package var row: String {
        [
            Self.plain(network), Self.plain(layer), operation.rawValue, "\(kernel)", "\(stride)",
            "\(max(positions, 1))", "\(max(groups, 1))", "\(max(inputChannels, 1))",
            "\(max(outputChannels, 1))", Self.decimal(max(microseconds, Self.least)),
            Self.decimal(max(deviation, 0)), "\(max(samples, 1))",
        ].joined(separator: ",")
    }

    /// What a layer costs that another one's operation does on the way, microseconds: next to nothing, as the format wants
    /// something.
    package static let least = 0.001

    private static func plain(_ name: String) -> String {
        String(name.map { $0.isNewline || ",\"#".contains($0) ? "_" : $0 })
    }

    /// A number with three places, without an exponent.
    private static func decimal(_ value: Double) -> String {
        let thousandths = (value * 1000).rounded()
        guard thousandths < 1e15 else { return "1000000000" }
        let whole = Int(thousandths)
        let rest = String(1000 + whole % 1000).dropFirst()
        return "\(whole / 1000).\(rest)"
    }
}

extension LatencyMeasurement {
    /// Reads what ``row`` wrote; `nil` if it is not whole.
    package init?(row: Substring) {
        let fields = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 12, let operation = LayerWorkload.Operation(rawValue: fields[2]),
            let kernel = Window(sizes: fields[3]), let stride = Window(sizes: fields[4]),
            let positions = Int(fields[5]), let groups = Int(fields[6]),
            let inputs = Int(fields[7]), let outputs = Int(fields[8]),
            let microseconds = Double(fields[9]), let deviation = Double(fields[10]),
            let samples = Int(fields[11])
        else { return nil }
        network = fields[0]
        layer = fields[1]
        self.operation = operation
        self.kernel = kernel
        self.stride = stride
        self.positions = positions
        self.groups = groups
        inputChannels = inputs
        outputChannels = outputs
        self.microseconds = microseconds
        self.deviation = deviation
        self.samples = samples
    }
}

extension Window {
    /// Reads sizes joined by `x`; empty for no window.
    fileprivate init?(sizes: String) {
        guard !sizes.isEmpty else {
            self.init()
            return
        }
        let parts = sizes.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count <= 3, parts.allSatisfy({ ($0 ?? 0) > 0 }) else { return nil }
        self.init(parts.compactMap(\.self))
    }
}
