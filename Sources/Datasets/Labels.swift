/// Reads classes from numbers.
enum Labels {
    /// More classes than any data set has; a larger label is something else.
    static let largestClass = 10_000_000

    /// The class of each sample: whole numbers from 0, or rows of which the largest number tells.
    ///
    /// - Parameters:
    ///   - array: of shape (samples), (samples, 1) or (samples, classes).
    ///   - count: how many samples there are.
    /// - Throws: ``DatasetError`` with `labels`.
    static func read(
        _ array: any SampleArray, count: Int, file: String, place: String
    ) throws(DatasetError) -> [Int] {
        func failure(_ reason: String) -> DatasetError {
            DatasetError(.labels, file: file, place: place, reason)
        }
        guard array.count == count else {
            throw failure("there are \(array.count) labels for \(count) samples")
        }
        let width = array.sampleSize
        guard array.shape.count <= 2, width > 0 else {
            throw failure(
                "labels are one number or one row for each sample, and these are "
                    + shapeText(array.shape))
        }
        let numbers = try array.doubles()
        var labels: [Int] = []
        labels.reserveCapacity(count)
        for sample in 0..<count {
            let row = numbers[sample * width..<(sample + 1) * width]
            guard row.allSatisfy(\.isFinite) else {
                throw failure("the label of sample \(sample) is NaN or infinite")
            }
            if width > 1 {
                let largest = row.max() ?? 0
                guard largest > 0 else {
                    throw failure("the label of sample \(sample) names no class: all are 0")
                }
                labels.append((row.firstIndex(of: largest) ?? row.startIndex) - row.startIndex)
                continue
            }
            let number = row.first ?? 0
            guard number.rounded() == number, number >= 0, number <= Double(largestClass) else {
                throw failure(
                    "the label of sample \(sample) is \(text(number)); labels are whole numbers from 0"
                )
            }
            labels.append(Int(number))
        }
        return labels
    }

    private static func text(_ number: Double) -> String {
        number.rounded() == number && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
    }
}
