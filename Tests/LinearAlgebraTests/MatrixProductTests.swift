import Testing

@testable import LinearAlgebra

/// Products against their definition, on both sides of the panel size.
@Suite struct MatrixProductTests {
    @Test(arguments: [(1, 1, 1), (3, 5, 2), (33, 7, 40), (300, 19, 65), (4, 0, 3), (0, 2, 2)])
    func productIsTheSumOfProducts(rows: Int, inner: Int, columns: Int) {
        // Small whole numbers, whose sums are exact.
        func matrix(_ count: Int, _ factor: Int) -> [Float] {
            (0..<count).map { Float($0 * factor % 17) - 8 }
        }
        let (left, right) = (matrix(rows * inner, 5), matrix(inner * columns, 7))
        var expected = [Float](repeating: 0, count: rows * columns)
        var turned = [Float](repeating: 0, count: rows * inner)
        for row in 0..<rows {
            for step in 0..<inner {
                turned[step * rows + row] = left[row * inner + step]
                for column in 0..<columns {
                    expected[row * columns + column] +=
                        left[row * inner + step] * right[step * columns + column]
                }
            }
        }
        let plain = MatrixProduct.product(
            left, right, rows: rows, inner: inner, columns: columns)
        let transposed = MatrixProduct.product(
            turned, right, rows: rows, inner: inner, columns: columns, transposingLeft: true)
        #expect(plain == expected)
        #expect(transposed == expected)
    }
}
