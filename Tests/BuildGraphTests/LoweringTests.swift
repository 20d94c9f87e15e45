import Testing
@Test func show() {
    print(lowered("FROM scratch\nCOPY a /b\nENV x=1 y=$x\nRUN --mount=type=secret,id=a <<E\n#!/bin/x\nE\nARG z w=$y v=${w}k\nRUN make $z\nWORKDIR a\nWORKDIR b\nCMD a \"b\nHEALTHCHECK --interval=90s CMD x\nEXPOSE 80-82/udp $v 9\n"))
}
