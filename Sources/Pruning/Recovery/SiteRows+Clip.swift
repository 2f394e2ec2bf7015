import LinearAlgebra
import Workers

extension SiteRows {
    /// What a kernel is to be fitted to next, so that what an activation function cuts off does not count.
    ///
    /// Where the base's value is cut off, the target becomes the present output, as far as that is cut off too.
    /// - Parameters:
    ///   - kernel: of one block, `outputs × features`.
    ///   - intercepts: of centred rows.
    /// - Returns: mean products of targets and features about their means, and the targets' means.
    func products(
        sparing clip: OutputClip, block: Int, kernel: [Double], intercepts: [Double],
        featureMeans: [Double]
    ) -> (cross: [Double], means: [Double]) {
        let weights = kernel.map(Float.init)
        let biases = intercepts.map(Float.init)
        let step = max(512, (count + 31) / 32)
        let pieces = concurrentMap((count + step - 1) / step) { piece in
            let first = piece * step
            let part = RowsPiece(
                rows: self, block: block, first: first, count: min(step, count - first), clip: clip)
            return part.products(weights, biases)
        }
        var cross = [Double](repeating: 0, count: outputs * features)
        var sums = [Double](repeating: 0, count: outputs)
        for piece in pieces {
            for index in cross.indices { cross[index] += piece.products[index] }
            for index in sums.indices { sums[index] += piece.sums[index] }
        }
        let scale = 1 / Double(max(count, 1))
        let means = sums.map { $0 * scale }
        for output in 0..<outputs {
            for feature in 0..<features {
                let index = output * features + feature
                cross[index] = cross[index] * scale - means[output] * featureMeans[feature]
            }
        }
        return (cross, means)
    }

    /// Intercepts for rows as they were before ``center()``.
    func uncentred(_ intercepts: [Double], _ kernels: [[Double]]) -> [Double] {
        intercepts.indices.map { output in
            let (block, place) = output.quotientAndRemainder(dividingBy: outputs)
            var value = intercepts[output] + Double(targetShifts[output])
            for feature in 0..<features {
                value -=
                    kernels[block][place * features + feature]
                    * Double(featureShifts[block * features + feature])
            }
            return value
        }
    }
}

/// Some rows of one block.
private struct RowsPiece {
    let rows: SiteRows
    let block: Int
    let first: Int
    let count: Int
    let clip: OutputClip

    /// Sums of products of the features with the targets that count now, and of those targets.
    func products(_ kernel: [Float], _ biases: [Float]) -> (products: [Double], sums: [Double]) {
        let outputs = rows.outputs
        let x = RowBlock(
            rows.features(block: block, row: first), rows: count, columns: rows.features)
        let found = UnsafeMutablePointer<Float>.allocate(capacity: max(count * outputs, 1))
        defer { found.deallocate() }
        x.multiply(kernel, outputs: outputs, into: found)
        let targets = rows.targets(block: block, row: first)
        let branch = rows.branch(block: block, row: first)
        var sums = [Double](repeating: 0, count: outputs)
        let fixed = (0..<outputs).map { clip.bounds(output: block * outputs + $0, branch: 0) }
        for row in 0..<count {
            for output in 0..<outputs {
                let index = row * outputs + output
                let shift = rows.targetShifts[block * outputs + output]
                let added = branch?[index] ?? 0
                let lower = fixed[output].lower - added - shift
                let upper = fixed[output].upper - added - shift
                let (target, present) = (targets[index], found[index] + biases[output])
                var value = target
                if target <= lower { value = min(present, lower) }
                if target >= upper { value = max(present, upper) }
                found[index] = value
                sums[output] += Double(value)
            }
        }
        return (x.products(with: found, outputs: outputs), sums)
    }
}
