/// Bytes that compression leaves of each byte of a kernel, by the share of its elements that are zero.
package struct CompressionCurve: Hashable, Sendable {
    package struct Point: Hashable, Sendable {
        /// Share of zeros, 0 to 1.
        package var share: Double
        package var bytesPerByte: Double

        package init(share: Double, bytesPerByte: Double) {
            self.share = share
            self.bytesPerByte = bytesPerByte
        }
    }

    /// At least one, ascending by share; more zeros never take more bytes.
    package let points: [Point]

    package init(points: [Point]) {
        var smallest = Double.infinity
        let ascending = points.sorted { $0.share < $1.share }.map { point in
            smallest = min(smallest, max(point.bytesPerByte, 0))
            return Point(share: point.share, bytesPerByte: smallest)
        }
        self.points = ascending.isEmpty ? [Point(share: 0, bytesPerByte: 1)] : ascending
    }

    /// Straight lines between the points, level beyond them.
    package subscript(share: Double) -> Double {
        guard let above = points.firstIndex(where: { $0.share >= share }) else {
            return points[points.count - 1].bytesPerByte
        }
        guard above > 0 else { return points[0].bytesPerByte }
        let (low, high) = (points[above - 1], points[above])
        let t = (share - low.share) / max(high.share - low.share, .leastNormalMagnitude)
        return low.bytesPerByte + (high.bytesPerByte - low.bytesPerByte) * t
    }

    /// The same curve times a factor.
    package func scaled(by factor: Double) -> CompressionCurve {
        CompressionCurve(
            points: points.map {
                Point(share: $0.share, bytesPerByte: $0.bytesPerByte * factor)
            })
    }

    /// Nothing is compressed.
    package static let none = CompressionCurve(points: [Point(share: 0, bytesPerByte: 1)])

    /// Byte shuffle and deflate on float32 kernels whose smallest elements are zero.
    ///
    /// The mean over the three networks in `models/`, by `scripts/compression-curve.py`; they
    /// differ by less than 0.02.
    package static let shuffledDeflate = CompressionCurve(
        points: zip(
            [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99],
            [0.859, 0.828, 0.786, 0.741, 0.682, 0.612, 0.529, 0.436, 0.328, 0.197, 0.116, 0.033]
        ).map { Point(share: $0, bytesPerByte: $1) })

    /// The same with 2:4 and 1:4 patterns, whose zeros stand at places that repeat.
    package static let shuffledDeflatePattern = CompressionCurve(
        points: [(0, 0.859), (0.5, 0.637), (0.75, 0.419)].map {
            Point(share: $0.0, bytesPerByte: $0.1)
        })
}
