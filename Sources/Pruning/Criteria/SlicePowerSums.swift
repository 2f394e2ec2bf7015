import ModelGraph
import Workers

/// For each index along some axes of some weights, the sum of |w| or w² over the slice.
///
/// Every weight is read once, whatever the number of its axes; pieces of fixed size are summed in parallel and added up in order,
/// so that the result does not depend on the number of cores.
struct SlicePowerSums {
    private var sums: [WeightAxis: [Double]] = [:]

    /// - Throws: ``PruningError`` naming a weight with values that are not finite.
    init(
        of graph: ModelGraph, axes: [Int: [String: Set<Int>]], squared: Bool
    ) throws(PruningError) {
        let views = axes.sorted { $0.key < $1.key }.flatMap { layer, roles in
            graph.layers[layer].weights.compactMap { weight -> SliceView? in
                guard let axes = roles[weight.role], weight.elementCount > 0 else { return nil }
                return SliceView(weight, layer: layer, axes: axes.sorted())
            }
        }
        let pieces = views.indices.flatMap { view in
            views[view].pieces.map { (view: view, rows: $0) }
        }
        let results = concurrentMap(pieces.count) { number in
            views[pieces[number].view].sums(of: pieces[number].rows, squared: squared)
        }
        var totals = views.map { view in
            view.axes.map { [Double](repeating: 0, count: view.weight.shape[$0]) }
        }
        for (piece, sums) in zip(pieces, results) {
            for (axis, values) in sums.enumerated() {
                for (index, value) in values.enumerated() {
                    totals[piece.view][axis][index] += value
                }
            }
        }
        for (view, values) in zip(views, totals) {
            guard values.joined().allSatisfy(\.isFinite) else {
                throw PruningError(
                    .weight, at: "\(graph.layers[view.layer].name)/\(view.weight.role)",
                    "holds values that are not finite")
            }
            for (axis, values) in zip(view.axes, values) {
                let key = WeightAxis(layer: view.layer, role: view.weight.role, axis: axis)
                sums[key] = values
            }
        }
    }

    subscript(axis: WeightAxis) -> [Double]? { sums[axis] }
}

/// A weight as rows along its last axis that counts.
private struct SliceView: Sendable {
    /// As float32, not masked.
    let weight: Weight
    let layer: Int
    let axes: [Int]
    /// Elements of a row.
    ///
    /// Axes of size 1 behind it are no axes at all.
    let rowLength: Int
    /// Position in `axes` of the axis along the rows; nil if it is none of them.
    let column: Int?

    init(_ weight: Weight, layer: Int, axes: [Int]) {
        self.layer = layer
        self.axes = axes
        self.weight =
            weight.elementType == .float32 && weight.mask == nil
            ? weight
            : Weight(role: weight.role, shape: weight.shape, values: weight.floats())
        let last = weight.shape.lastIndex { $0 > 1 } ?? 0
        column = axes.firstIndex(of: last)
        let first = column == nil ? (axes.last { $0 < last } ?? -1) + 1 : last
        rowLength = weight.shape[min(first, last)...].reduce(1, *)
    }

    private static let pieceLength = 1 << 18

    /// Rows in pieces of about ``pieceLength`` elements.
    var pieces: [Range<Int>] {
        let rows = weight.elementCount / rowLength
        let step = max(SliceView.pieceLength / rowLength, 1)
        return stride(from: 0, to: rows, by: step).map { $0..<min($0 + step, rows) }
    }

    /// For each of `axes` the sums over some rows.
    func sums(of rows: Range<Int>, squared: Bool) -> [[Double]] {
        var result = axes.map { [Double](repeating: 0, count: weight.shape[$0]) }
        var columns = [Float](repeating: 0, count: column == nil ? 0 : rowLength)
        let others = axes.indices.filter { $0 != column }
        let strides = others.map { weight.shape[(axes[$0] + 1)...].reduce(1, *) / rowLength }
        withExtendedLifetime(weight.storage) {
            guard let start = weight.storage.bytes.baseAddress else { return }
            columns.withUnsafeMutableBufferPointer { columns in
                for row in rows {
                    let sum = addRow(
                        start + row * rowLength * 4, count: rowLength,
                        columns: columns.isEmpty ? nil : columns.baseAddress, squared: squared)
                    for (other, stride) in zip(others, strides) {
                        let size = weight.shape[axes[other]]
                        result[other][row / max(stride, 1) % size] += Double(sum)
                    }
                }
            }
        }
        if let column { result[column] = columns.map(Double.init) }
        return result
    }
}

/// Sums |x| or x² over a row, and adds each to its column if there are some.
private func addRow(
    _ row: UnsafeRawPointer, count: Int, columns: UnsafeMutablePointer<Float>?, squared: Bool
) -> Float {
    typealias Lanes = SIMD16<Float>
    var total = Lanes.zero
    var index = 0
    let columnBytes = UnsafeMutableRawPointer(columns)
    while index + 16 <= count {
        let value = row.loadUnaligned(fromByteOffset: index * 4, as: Lanes.self)
        let power =
            squared
            ? value * value
            : Lanes(bitPattern: SIMD16<UInt32>(bitPattern: value) & 0x7FFF_FFFF)
        total += power
        if let columnBytes {
            let known = columnBytes.loadUnaligned(fromByteOffset: index * 4, as: Lanes.self)
            columnBytes.storeBytes(of: known + power, toByteOffset: index * 4, as: Lanes.self)
        }
        index += 16
    }
    var sum = total.sum()
    while index < count {
        let value = row.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
        let power = squared ? value * value : abs(value)
        sum += power
        columns?[index] += power
        index += 1
    }
    return sum
}

extension SIMD16<Float> {
    fileprivate init(bitPattern: SIMD16<UInt32>) {
        self = unsafeBitCast(bitPattern, to: SIMD16<Float>.self)
    }
}

extension SIMD16<UInt32> {
    fileprivate init(bitPattern: SIMD16<Float>) {
        self = unsafeBitCast(bitPattern, to: SIMD16<UInt32>.self)
    }
}
