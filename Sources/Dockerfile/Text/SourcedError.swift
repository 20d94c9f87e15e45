/// An error and the file that it speaks of.
package struct SourcedError: Error {
    package let error: any Error
    package let source: SourceFile

    package init(error: any Error, source: SourceFile) { (self.error, self.source) = (error, source) }
}
