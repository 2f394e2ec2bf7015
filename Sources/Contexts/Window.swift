/// The extent of a kernel, pooling window or stride: up to three dimensions, outermost first.
///
/// A fixed-size value rather than an array, so that looking a layer up allocates nothing.
package struct Window: Sendable, Hashable {
    /// Number of dimensions, 0 to 3.
    package let rank: Int
    private let first: Int
    private let second: Int
    private let third: Int

    /// A window of up to three dimensions; further ones are folded into the third by multiplication.
    package init(_ extents: [Int] = []) {
        rank = min(extents.count, 3)
        first = extents.first ?? 1
        second = extents.dropFirst().first ?? 1
        third = extents.dropFirst(2).reduce(1) { product, extent in
            let (value, overflow) = product.multipliedReportingOverflow(by: extent)
            return overflow ? Int.max : value
        }
    }

    package init(_ extents: Int...) {
        self.init(extents)
    }

    /// The extents, outermost first.
    package var extents: [Int] { Array([first, second, third].prefix(rank)) }
}

extension Window: CustomStringConvertible {
    /// The extents joined by `x`, such as `3x3`; empty without dimensions.
    package var description: String { extents.map(String.init).joined(separator: "x") }
}

extension Window: Codable {
    package init(from decoder: any Decoder) throws {
        let extents = try decoder.singleValueContainer().decode([Int].self)
        guard extents.count <= 3, extents.allSatisfy({ $0 > 0 }) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "a window has at most three positive extents"))
        }
        self.init(extents)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(extents)
    }
}
