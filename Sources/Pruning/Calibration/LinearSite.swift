import ModelGraph

/// A layer that multiplies its input with a kernel, seen as matrix products: features times kernel gives outputs.
///
/// Dense layers, convolutions (strided, dilated, grouped, transposed), depthwise ones, and the pointwise half of separable ones. A
/// grouped or depthwise layer is several products side by side, its blocks.
struct LinearSite: Sendable {
    enum Kind: Hashable, Sendable {
        case dense
        case convolution(Window)
        case transposed(Window)
        /// Features are what the depthwise kernel gives.
        case separable(Window, multiplier: Int)
    }

    /// Index into the graph's layers.
    var layer: Int
    /// The calls of the layer.
    var nodes: [Int]
    var kind: Kind
    /// The weight that is fitted.
    var role: String
    var activation: ActivationFunction

    /// The site of a layer; nil for a layer of another kind.
    init?(_ layer: Int, of graph: ModelGraph) {
        self.layer = layer
        nodes = graph.nodes.indices.filter { graph.nodes[$0].layer == layer }
        role = "kernel"
        switch graph.layers[layer].definition {
        case let dense as Dense:
            (kind, activation) = (.dense, dense.activation)
        case let convolution as Convolution:
            (kind, activation) = (.convolution(convolution.window), convolution.activation)
        case let depthwise as DepthwiseConvolution:
            (kind, activation) = (.convolution(depthwise.window), depthwise.activation)
            role = "depthwise_kernel"
        case let separable as SeparableConvolution:
            kind = .separable(separable.window, multiplier: separable.multiplier)
            activation = separable.activation
            role = "pointwise_kernel"
        case let transposed as TransposedConvolution:
            (kind, activation) = (.transposed(transposed.window), transposed.activation)
        default: return nil
        }
        guard !nodes.isEmpty, let kernel = graph.layers[layer].weight(role),
            kernel.elementType.isFloatingPoint
        else { return nil }
    }

    /// All sites of a graph, in the order of layers.
    static func sites(of graph: ModelGraph) -> [LinearSite] {
        graph.layers.indices.compactMap { LinearSite($0, of: graph) }
    }

    /// The axis of the output along which the kernel's outputs stand.
    func channelAxis(rank: Int) -> Int {
        switch kind {
        case .dense: rank - 1
        case .convolution(let window), .transposed(let window), .separable(let window, _):
            window.channelAxis
        }
    }

    /// The tensors that the layer reads, one for each call.
    func inputs(in graph: ModelGraph) -> [TensorReference] {
        nodes.compactMap { graph.nodes[$0].inputs.first }
    }
}

/// The numbers that describe one call of a site: where features stand in the input and outputs in the output.
struct SiteGeometry: Sendable {
    /// Products side by side.
    let blocks: Int
    /// Input channels of a block, after a separable layer's depthwise half.
    let channelsPerBlock: Int
    let outputsPerBlock: Int
    let tapCount: Int
    /// Places of the output at which the kernel is applied.
    let places: Int
    /// For each place and tap the place of the input; -1 for none.
    let taps: [Int32]
    /// Steps through a sample's elements.
    let input: ElementSteps
    let output: ElementSteps
    let isTransposed: Bool
    /// A separable layer's depthwise kernel, `taps × channels × multiplier`, and its taps.
    let depthwise: (kernel: [Float], multiplier: Int)?

    struct ElementSteps: Hashable, Sendable {
        var sampleSize: Int
        var place: Int
        var channel: Int
        var channels: Int
    }

    var features: Int { tapCount * channelsPerBlock }
    var outputs: Int { blocks * outputsPerBlock }

    /// - Returns: nil if sizes are not known, or the layer does not fit its input.
    init?(_ site: LinearSite, call: Int, of graph: ModelGraph, shapes: TensorShapes) {
        guard let input = graph.nodes[site.nodes[call]].inputs.first,
            let kernel = graph.layers[site.layer].weight(site.role)
        else { return nil }
        let from = shapes[input]
        let to = shapes[TensorReference(node: site.nodes[call])]
        guard from.sampleElementCount != nil, to.sampleElementCount != nil else { return nil }
        isTransposed = if case .transposed = site.kind { true } else { false }
        switch site.kind {
        case .dense:
            guard let channels = from.dimensions.last ?? nil, let units = to.dimensions.last ?? nil,
                channels > 0
            else { return nil }
            places = (from.sampleElementCount ?? 0) / channels
            taps = (0..<Int32(places)).map { $0 }
            (tapCount, blocks) = (1, 1)
            (channelsPerBlock, outputsPerBlock) = (channels, units)
            self.input = .last(channels: channels, places: places)
            output = .last(channels: units, places: places)
            depthwise = nil
        case .convolution(let window), .transposed(let window), .separable(let window, _):
            let lengths = window.spatialAxes.map { (from[$0] ?? 0, to[$0] ?? 0) }
            guard let channels = from[window.channelAxis], let filters = to[window.channelAxis],
                channels > 0
            else { return nil }
            places = lengths.reduce(1) { $0 * $1.1 }
            taps = window.taps(
                input: lengths.map(\.0), output: lengths.map(\.1), isTransposed: isTransposed)
            let isLast = window.format == .channelsLast
            let inputPlaces = lengths.reduce(1) { $0 * $1.0 }
            self.input =
                isLast
                ? .last(channels: channels, places: inputPlaces)
                : .first(channels: channels, places: inputPlaces)
            output =
                isLast
                ? .last(channels: filters, places: places)
                : .first(channels: filters, places: places)
            if case .separable(_, let multiplier) = site.kind {
                guard let weight = graph.layers[site.layer].weight("depthwise_kernel") else {
                    return nil
                }
                depthwise = (weight.floats(), multiplier)
                (tapCount, blocks) = (1, 1)
                (channelsPerBlock, outputsPerBlock) = (channels * multiplier, filters)
            } else {
                depthwise = nil
                tapCount = window.tapCount
                let width =
                    isTransposed
                    ? channels
                    : site.role == "depthwise_kernel" ? 1 : kernel.shape[window.rank]
                guard width > 0, channels % width == 0, filters % (channels / width) == 0 else {
                    return nil
                }
                blocks = channels / width
                channelsPerBlock = width
                outputsPerBlock = filters / blocks
            }
        }
    }

    /// The index of a kernel's element.
    func kernelIndex(feature: Int, output: Int, block: Int) -> Int {
        if isTransposed {
            let (tap, channel) = feature.quotientAndRemainder(dividingBy: channelsPerBlock)
            return (tap * outputsPerBlock + output) * channelsPerBlock + channel
        }
        return feature * outputs + block * outputsPerBlock + output
    }

    /// A block of a kernel as a matrix, `outputs × features`, row-major.
    func matrix(_ kernel: [Float], block: Int) -> [Double] {
        var matrix = [Double](repeating: 0, count: outputsPerBlock * features)
        for output in 0..<outputsPerBlock {
            for feature in 0..<features {
                matrix[output * features + feature] = Double(
                    kernel[kernelIndex(feature: feature, output: output, block: block)])
            }
        }
        return matrix
    }

    /// Writes a block of a kernel.
    func store(_ matrix: [Double], block: Int, into kernel: inout [Float]) {
        for output in 0..<outputsPerBlock {
            for feature in 0..<features {
                kernel[kernelIndex(feature: feature, output: output, block: block)] = Float(
                    matrix[output * features + feature])
            }
        }
    }
}

extension SiteGeometry.ElementSteps {
    static func last(channels: Int, places: Int) -> Self {
        Self(sampleSize: channels * places, place: channels, channel: 1, channels: channels)
    }

    static func first(channels: Int, places: Int) -> Self {
        Self(sampleSize: channels * places, place: 1, channel: places, channels: channels)
    }
}
