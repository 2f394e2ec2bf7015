import Execution
import LinearAlgebra
import ModelGraph

/// Reads what the base's layer gives at some places, before its activation function.
struct TargetReader {
    private let geometries: [SiteGeometry]
    private let kept: [Int]
    /// Whether the layer's output can be read as it is.
    private let isLinear: Bool
    /// For each block, `outputs × features`; empty where outputs are read.
    private let kernels: [[Float]]
    private let bias: [Float]?

    init(
        site: LinearSite, geometries: [SiteGeometry], kept: [Int], isLinear: Bool,
        graph: ModelGraph
    ) {
        self.geometries = geometries
        self.kept = kept
        self.isLinear = isLinear
        let kernel = isLinear ? nil : graph.layers[site.layer].weight(site.role)?.floats()
        let geometry = geometries.first
        kernels =
            kernel.map { kernel in
                (0..<(geometry?.blocks ?? 0)).map { block in
                    (geometry?.matrix(kernel, block: block) ?? []).map(Float.init)
                }
            } ?? []
        bias = graph.layers[site.layer].weight("bias")?.floats()
    }

    /// Reads the outputs that stay.
    ///
    /// - Parameters:
    ///   - tensor: the layer's output, or its input where the output went through a function.
    ///   - row: the first of the rows to write.
    func read(
        _ tensor: Tensor?, sample: Int, call: Int, places: [Int], to rows: SiteRows, row: Int
    ) {
        let geometry = geometries[call]
        guard let tensor else { return }
        guard !isLinear else {
            let steps = geometry.output
            tensor.withSample(sample, size: steps.sampleSize) { values in
                for (index, channel) in kept.enumerated() {
                    let target = rows.target(output: index)
                    for (offset, place) in places.enumerated() {
                        target[(row + offset) * rows.outputs] =
                            values[place * steps.place + channel * steps.channel]
                    }
                }
            }
            return
        }
        let features = UnsafeMutablePointer<Float>.allocate(
            capacity: max(places.count * geometry.features, 1))
        let outputs = UnsafeMutablePointer<Float>.allocate(
            capacity: max(places.count * geometry.outputsPerBlock, 1))
        defer {
            features.deallocate()
            outputs.deallocate()
        }
        tensor.withSample(sample, size: geometry.input.sampleSize) { values in
            for block in 0..<geometry.blocks {
                geometry.gather(values, places: places, block: block, into: features)
                RowBlock(features, rows: places.count, columns: geometry.features)
                    .multiply(
                        kernels[block], outputs: geometry.outputsPerBlock, into: outputs)
                let first = block * geometry.outputsPerBlock
                for (index, channel) in kept.enumerated()
                where (first..<first + geometry.outputsPerBlock).contains(channel) {
                    let target = rows.target(output: index)
                    for offset in places.indices {
                        target[(row + offset) * rows.outputs] =
                            outputs[offset * geometry.outputsPerBlock + channel - first]
                            + (bias?[channel] ?? 0)
                    }
                }
            }
        }
    }
}
