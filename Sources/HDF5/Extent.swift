import CHDF5

/// The shape of a dataspace.
struct Extent: Sendable, Hashable {
    /// Lengths of the dimensions, empty for a scalar.
    let shape: [Int]
    /// Whether there is no value at all, not even none of them.
    let isNull: Bool
    /// The product of the lengths.
    let count: Int

    /// Reads a dataspace from a file, which may claim anything.
    init(space: hid_t, _ scope: CallScope) throws {
        if H5Sget_simple_extent_type(space) == H5S_NULL {
            self.init(shape: [], isNull: true, count: 0)
            return
        }
        let rank = try scope.check(
            H5Sget_simple_extent_ndims(space), doing: "cannot read the shape")
        var dimensions = [hsize_t](repeating: 0, count: Int(rank))
        try scope.check(
            H5Sget_simple_extent_dims(space, &dimensions, nil), doing: "cannot read the shape")
        let shape = dimensions.compactMap { Int(exactly: $0) }
        guard shape.count == dimensions.count, let count = checkedProduct(shape) else {
            throw scope.error(.tooLarge, "the shape \(dimensions) has more elements than can be")
        }
        self.init(shape: shape, isNull: false, count: count)
    }

    /// A shape to write.
    init(shape: [Int], _ scope: CallScope) throws {
        guard shape.count <= Int(H5S_MAX_RANK), shape.allSatisfy({ $0 >= 0 }),
            let count = checkedProduct(shape)
        else { throw scope.error(.wrongShape, "there is no shape \(shape)") }
        self.init(shape: shape, isNull: false, count: count)
    }

    private init(shape: [Int], isNull: Bool, count: Int) {
        self.shape = shape
        self.isNull = isNull
        self.count = count
    }

    /// A new dataspace of this shape; owned by `scope`.
    func makeSpace(_ scope: CallScope) throws -> hid_t {
        let dimensions = shape.map { hsize_t($0) }
        let id =
            shape.isEmpty
            ? H5Screate(isNull ? H5S_NULL : H5S_SCALAR)
            : H5Screate_simple(Int32(shape.count), dimensions, nil)
        return try scope.own(id, H5Sclose, doing: "cannot make the shape", fallback: .library)
    }
}

/// The product, or nothing if it is beyond `Int`; a zero among the factors does not hide that.
func checkedProduct(_ factors: [Int]) -> Int? {
    var product = 1
    for factor in factors where factor != 0 {
        let (next, overflow) = product.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        product = next
    }
    return factors.contains(0) ? 0 : product
}
