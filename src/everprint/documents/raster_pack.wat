;; Packs rows of pixels by run lengths, as PWG raster and URF want them (PWG 5102.4 section 4.4): the reverse of
;; raster_walk.wat. conversion/packing.py says what stands where.
(module
  (memory (export "memory") 1)

  ;; The pixel at an address: an octet, or of four octets the first three.
  (func $pixel (param $at i32) (param $wide i32) (result i32)
    (if (result i32) (local.get $wide)
      (then (i32.and (i32.load (local.get $at)) (i32.const 0xFFFFFF)))
      (else (i32.load8_u (local.get $at)))))

  ;; Writes a pixel and returns where it ends; of a wide one the fourth octet is written over by what follows.
  (func $put (param $at i32) (param $pixel i32) (param $wide i32) (result i32)
    (if (result i32) (local.get $wide)
      (then (i32.store (local.get $at) (local.get $pixel)) (i32.add (local.get $at) (i32.const 3)))
      (else (i32.store8 (local.get $at) (local.get $pixel)) (i32.add (local.get $at) (i32.const 1)))))

  ;; Whether two runs of octets are equal.
  (func $equal (param $one i32) (param $other i32) (param $octets i32) (result i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $one) (local.get $octets)))
    (block $tail
      (loop $eight
        (br_if $tail (i32.gt_u (i32.add (local.get $one) (i32.const 8)) (local.get $end)))
        (if (i64.ne (i64.load (local.get $one)) (i64.load (local.get $other))) (then (return (i32.const 0))))
        (local.set $one (i32.add (local.get $one) (i32.const 8)))
        (local.set $other (i32.add (local.get $other) (i32.const 8)))
        (br $eight)))
    (block $done
      (loop $single
        (br_if $done (i32.ge_u (local.get $one) (local.get $end)))
        (if (i32.ne (i32.load8_u (local.get $one)) (i32.load8_u (local.get $other))) (then (return (i32.const 0))))
        (local.set $one (i32.add (local.get $one) (i32.const 1)))
        (local.set $other (i32.add (local.get $other) (i32.const 1)))
        (br $single)))
    (i32.const 1))

  ;; One row, from $at to $end; returns where what was written ends.
  (func $row (param $at i32) (param $end i32) (param $wide i32) (param $out i32) (result i32)
    (local $size i32) (local $first i32) (local $next i32) (local $number i32) (local $pixel i32)
    (local.set $size (select (i32.const 4) (i32.const 1) (local.get $wide)))
    (block $done
      (loop $runs
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $pixel (call $pixel (local.get $at) (local.get $wide)))
        (local.set $next (i32.add (local.get $at) (local.get $size)))
        (local.set $number (i32.const 1))
        (block $run_ends
          (loop $same
            (br_if $run_ends (i32.ge_u (local.get $next) (local.get $end)))
            (br_if $run_ends (i32.ge_u (local.get $number) (i32.const 128)))
            (br_if $run_ends
              (i32.ne (call $pixel (local.get $next) (local.get $wide)) (local.get $pixel)))
            (local.set $next (i32.add (local.get $next) (local.get $size)))
            (local.set $number (i32.add (local.get $number) (i32.const 1)))
            (br $same)))
        (if (i32.gt_u (local.get $number) (i32.const 1))
          (then
            (i32.store8 (local.get $out) (i32.sub (local.get $number) (i32.const 1)))
            (local.set $out
              (call $put (i32.add (local.get $out) (i32.const 1)) (local.get $pixel) (local.get $wide)))
            (local.set $at (local.get $next))
            (br $runs)))
        ;; Pixels one by one, until two are equal.
        (local.set $first (local.get $at))
        (block $singles_end
          (loop $different
            (br_if $singles_end (i32.ge_u (local.get $next) (local.get $end)))
            (br_if $singles_end (i32.ge_u (local.get $number) (i32.const 128)))
            (if (i32.lt_u (i32.add (local.get $next) (local.get $size)) (local.get $end))
              (then
                (br_if $singles_end
                  (i32.eq
                    (call $pixel (local.get $next) (local.get $wide))
                    (call $pixel (i32.add (local.get $next) (local.get $size)) (local.get $wide))))))
            (local.set $next (i32.add (local.get $next) (local.get $size)))
            (local.set $number (i32.add (local.get $number) (i32.const 1)))
            (br $different)))
        (i32.store8 (local.get $out)
          (select (i32.const 0) (i32.sub (i32.const 257) (local.get $number))
            (i32.eq (local.get $number) (i32.const 1))))
        (local.set $out (i32.add (local.get $out) (i32.const 1)))
        (loop $copy
          (local.set $out
            (call $put (local.get $out) (call $pixel (local.get $first) (local.get $wide)) (local.get $wide)))
          (local.set $first (i32.add (local.get $first) (local.get $size)))
          (br_if $copy (i32.lt_u (local.get $first) (local.get $next))))
        (local.set $at (local.get $next))
        (br $runs)))
    (local.get $out))

  ;; $rows rows of $row_octets each from $at on; returns where what was written ends.
  (func (export "pack")
    (param $at i32) (param $rows i32) (param $row_octets i32) (param $wide i32) (param $out i32) (result i32)
    (local $repeats i32) (local $next i32)
    (block $done
      (loop $each
        (br_if $done (i32.eqz (local.get $rows)))
        (local.set $repeats (i32.const 0))
        (local.set $next (i32.add (local.get $at) (local.get $row_octets)))
        (block $differs
          (loop $again
            (br_if $differs (i32.ge_u (i32.add (local.get $repeats) (i32.const 1)) (local.get $rows)))
            (br_if $differs (i32.ge_u (local.get $repeats) (i32.const 255)))
            (br_if $differs
              (i32.eqz (call $equal (local.get $at) (local.get $next) (local.get $row_octets))))
            (local.set $repeats (i32.add (local.get $repeats) (i32.const 1)))
            (local.set $next (i32.add (local.get $next) (local.get $row_octets)))
            (br $again)))
        (i32.store8 (local.get $out) (local.get $repeats))
        (local.set $out
          (call $row (local.get $at) (i32.add (local.get $at) (local.get $row_octets)) (local.get $wide)
            (i32.add (local.get $out) (i32.const 1))))
        (local.set $at (local.get $next))
        (local.set $rows (i32.sub (local.get $rows) (i32.add (local.get $repeats) (i32.const 1))))
        (br $each)))
    (local.get $out))
)
