/// The shape of a tensor as Keras gives it: axis 0 is the batch, an unknown dimension is nil.
package struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral {
    package var dimensions: [Int?]

    package init(_ dimensions: [Int?]) { self.dimensions = dimensions }

    package init(arrayLiteral elements: Int?...) { dimensions = elements }

    package var rank: Int { dimensions.count }

    package subscript(axis: Int) -> Int? {
        get { dimensions[axis] }
        set { dimensions[axis] = newValue }
    }

    /// The axis that a Keras axis number names (negative ones count from the end); nil if there is none.
    package func axis(_ number: Int) -> Int? {
        let axis = number < 0 ? number + rank : number
        return dimensions.indices.contains(axis) ? axis : nil
    }

    /// Elements of one sample (axis 0 left out); nil if a dimension is unknown or the product is
    /// out of range.
    package var sampleElementCount: Int? {
        var count = 1
        for dimension in dimensions.dropFirst() {
            guard let dimension else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            if overflow { return nil }
            count = product
        }
        return count
    }

    /// Elements of one sample as far as they are known: unknown dimensions count 1.
    package var knownElementCount: Int {
        dimensions.dropFirst().lazy.map { $0 ?? 1 }.saturatingProduct
    }

    /// The largest dimension that a tensor may have; products of two are within range.
    package static let largestDimension = Int(Int32.max)

    /// Whether every known dimension is at least 0 and at most ``largestDimension``.
    package var isWithinRange: Bool {
        dimensions.allSatisfy { $0.map { (0...Shape.largestDimension).contains($0) } ?? true }
    }

    /// Whether a tensor may have both shapes: equal where both are known.
    package func isCompatible(with other: Shape) -> Bool {
        rank == other.rank
            && zip(dimensions, other.dimensions).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
    }
}

extension Shape: CustomStringConvertible {
    /// As people write it, without the batch: `28×28×1`; `?` stands for an unknown dimension.
    package var description: String {
        guard rank > 1 else { return "scalar" }
        return dimensions.dropFirst().map { $0.map(String.init) ?? "?" }.joined(separator: "×")
    }

    /// The same with the batch in front, in brackets, for errors about ranks: `[?, 28, 28, 1]`.
    package var dimensionsText: String {
        "[" + dimensions.map { $0.map(String.init) ?? "?" }.joined(separator: ", ") + "]"
    }
}
