;; Walks the rows of a raster page, looks at every pixel, and unpacks rows to draw them. WebAssembly, because a run
;; can only be found from the end of the one before, which neither numpy nor Python does fast; it can touch nothing
;; but its own memory. The rows are those of PWG 5102.4 section 4.4; raster_kernel.py says what stands where.
(module
  (memory (export "memory") 8)

  ;; What raster_kernel.py writes at 0 before it calls, and reads afterwards: its _STATE, in the same order.
  (global $KIND i32 (i32.const 0))
  (global $MASK i32 (i32.const 4))
  (global $UNIT i32 (i32.const 8))
  (global $FIRST i32 (i32.const 12))   ;; where in a pixel each of up to four channels is
  (global $SECOND i32 (i32.const 16))
  (global $THIRD i32 (i32.const 20))
  (global $FOURTH i32 (i32.const 24))
  (global $CHANNELS i32 (i32.const 28))
  (global $STEP i32 (i32.const 32))
  (global $ROW_UNITS i32 (i32.const 36))
  (global $ROW_SEEN i32 (i32.const 40))
  (global $TAIL i32 (i32.const 44))
  (global $WHITE i32 (i32.const 48))
  (global $GREY i32 (i32.const 52))
  (global $ROWS_LEFT i32 (i32.const 56))
  (global $ROW_LEFT i32 (i32.const 60))
  (global $SEEN_LEFT i32 (i32.const 64))
  (global $REPEAT i32 (i32.const 68))
  (global $CUT i32 (i32.const 72))
  (global $MARKED i32 (i32.const 76))
  (global $COLOURED i32 (i32.const 80))
  (global $OUT i32 (i32.const 84))
  (global $SUMS i32 (i32.const 88))    ;; four of 64 bits

  ;; The same while a call lasts; memory is slower.
  (global $kind (mut i32) (i32.const 0))
  (global $mask (mut i32) (i32.const 0))
  (global $unit (mut i32) (i32.const 0))
  (global $first (mut i32) (i32.const 0))
  (global $second (mut i32) (i32.const 0))
  (global $third (mut i32) (i32.const 0))
  (global $fourth (mut i32) (i32.const 0))
  (global $bits (mut i32) (i32.const 255))  ;; of an octet of eight pixels, those that are in the page
  (global $white (mut i32) (i32.const 0))
  (global $grey (mut i32) (i32.const 0))
  (global $marked (mut i32) (i32.const 0))
  (global $coloured (mut i32) (i32.const 0))
  (global $padded (mut i32) (i32.const 0))  ;; rows hold more than the page's width

  (func $begin
    (global.set $kind (i32.load (global.get $KIND)))
    (global.set $mask (i32.load (global.get $MASK)))
    (global.set $unit (i32.load (global.get $UNIT)))
    (global.set $first (i32.load (global.get $FIRST)))
    (global.set $second (i32.load (global.get $SECOND)))
    (global.set $third (i32.load (global.get $THIRD)))
    (global.set $fourth (i32.load (global.get $FOURTH)))
    (global.set $white (i32.load (global.get $WHITE)))
    (global.set $grey (i32.load (global.get $GREY)))
    (global.set $marked (i32.load (global.get $MARKED)))
    (global.set $coloured (i32.load (global.get $COLOURED)))
    (global.set $padded
      (i32.or (i32.ne (i32.load (global.get $ROW_UNITS)) (i32.load (global.get $ROW_SEEN)))
              (i32.ne (i32.load (global.get $TAIL)) (i32.const 255)))))

  (func $end
    (i32.store (global.get $MARKED) (global.get $marked))
    (i32.store (global.get $COLOURED) (global.get $coloured)))

  (func $add (param $sum i32) (param $value i32) (param $weight i64)
    (local $at i32)
    (local.set $at (i32.add (global.get $SUMS) (i32.shl (local.get $sum) (i32.const 3))))
    (i64.store (local.get $at)
      (i64.add (i64.load (local.get $at))
               (i64.mul (i64.extend_i32_u (local.get $value)) (local.get $weight)))))

  (func $least (param $one i32) (param $other i32) (result i32)
    (select (local.get $one) (local.get $other) (i32.lt_u (local.get $one) (local.get $other))))

  (func $most (param $one i32) (param $other i32) (result i32)
    (select (local.get $one) (local.get $other) (i32.gt_u (local.get $one) (local.get $other))))

  (func $apart (param $one i32) (param $other i32) (result i32)
    (select (i32.sub (local.get $one) (local.get $other)) (i32.sub (local.get $other) (local.get $one))
            (i32.gt_u (local.get $one) (local.get $other))))

  ;; The ways to look at `n` pixels from `at`, each of which stands for `weight` pixels of the page.

  (func $look_grey (param $at i32) (param $n i32) (param $weight i64)
    (local $end i32) (local $ink i32) (local $sum i32) (local $darkest i32)
    (local.set $at (i32.add (local.get $at) (global.get $first)))
    (local.set $end (i32.add (local.get $at) (i32.mul (local.get $n) (global.get $unit))))
    (loop $pixel
      (local.set $ink (i32.xor (i32.load8_u (local.get $at)) (global.get $mask)))
      (local.set $sum (i32.add (local.get $sum) (local.get $ink)))
      (local.set $darkest
        (select (local.get $ink) (local.get $darkest) (i32.gt_u (local.get $ink) (local.get $darkest))))
      (local.set $at (i32.add (local.get $at) (global.get $unit)))
      (br_if $pixel (i32.lt_u (local.get $at) (local.get $end))))
    (if (i32.eqz (local.get $sum)) (then (return)))
    (if (i32.gt_u (local.get $darkest) (global.get $white)) (then (global.set $marked (i32.const 1))))
    (call $add (i32.const 3) (local.get $sum) (local.get $weight)))

  (func $look_rgb (param $at i32) (param $n i32) (param $weight i64)
    (local $end i32) (local $red i32) (local $green i32) (local $blue i32) (local $least i32) (local $most i32)
    (local $reds i32) (local $greens i32) (local $blues i32) (local $blacks i32)
    (local $darkest i32) (local $apart i32)
    (local.set $end (i32.add (local.get $at) (i32.mul (local.get $n) (global.get $unit))))
    (loop $pixel
      (local.set $red
        (i32.xor (i32.load8_u (i32.add (local.get $at) (global.get $first))) (global.get $mask)))
      (local.set $green
        (i32.xor (i32.load8_u (i32.add (local.get $at) (global.get $second))) (global.get $mask)))
      (local.set $blue
        (i32.xor (i32.load8_u (i32.add (local.get $at) (global.get $third))) (global.get $mask)))
      (local.set $at (i32.add (local.get $at) (global.get $unit)))
      (if (i32.or (i32.or (local.get $red) (local.get $green)) (local.get $blue))
        (then
          (local.set $least
            (select (local.get $red) (local.get $green) (i32.lt_u (local.get $red) (local.get $green))))
          (local.set $least
            (select (local.get $blue) (local.get $least) (i32.lt_u (local.get $blue) (local.get $least))))
          (local.set $most
            (select (local.get $red) (local.get $green) (i32.gt_u (local.get $red) (local.get $green))))
          (local.set $most
            (select (local.get $blue) (local.get $most) (i32.gt_u (local.get $blue) (local.get $most))))
          (local.set $reds (i32.add (local.get $reds) (local.get $red)))
          (local.set $greens (i32.add (local.get $greens) (local.get $green)))
          (local.set $blues (i32.add (local.get $blues) (local.get $blue)))
          (local.set $blacks (i32.add (local.get $blacks) (local.get $least)))
          (local.set $darkest
            (select (local.get $most) (local.get $darkest) (i32.gt_u (local.get $most) (local.get $darkest))))
          (local.set $most (i32.sub (local.get $most) (local.get $least)))
          (local.set $apart
            (select (local.get $most) (local.get $apart) (i32.gt_u (local.get $most) (local.get $apart))))))
      (br_if $pixel (i32.lt_u (local.get $at) (local.get $end))))
    (if (i32.eqz (local.get $darkest)) (then (return)))
    (if (i32.gt_u (local.get $darkest) (global.get $white)) (then (global.set $marked (i32.const 1))))
    (if (i32.gt_u (local.get $apart) (global.get $grey)) (then (global.set $coloured (i32.const 1))))
    (call $add (i32.const 0) (local.get $reds) (local.get $weight))
    (call $add (i32.const 1) (local.get $greens) (local.get $weight))
    (call $add (i32.const 2) (local.get $blues) (local.get $weight))
    (call $add (i32.const 3) (local.get $blacks) (local.get $weight)))

  ;; Inks below black are as dark and as colourful as the light that black lets through.
  (func $look_cmyk (param $at i32) (param $n i32) (param $weight i64)
    (local $end i32) (local $cyan i32) (local $magenta i32) (local $yellow i32) (local $black i32)
    (local $cyans i32) (local $magentas i32) (local $yellows i32) (local $blacks i32)
    (local $least i32) (local $most i32)
    (local $lightest i32) (local $apart i32) (local $light i32) (local $shade i32) (local $warm i32)
    (local.set $lightest (i32.const 65025))
    (local.set $end (i32.add (local.get $at) (i32.mul (local.get $n) (global.get $unit))))
    (loop $pixel
      (local.set $cyan
        (i32.xor (i32.load8_u (i32.add (local.get $at) (global.get $first))) (global.get $mask)))
      (local.set $magenta
        (i32.xor (i32.load8_u (i32.add (local.get $at) (global.get $second))) (global.get $mask)))
      (local.set $yellow
        (i32.xor (i32.load8_u (i32.add (local.get $at) (global.get $third))) (global.get $mask)))
      (local.set $black
        (i32.xor (i32.load8_u (i32.add (local.get $at) (global.get $fourth))) (global.get $mask)))
      (local.set $at (i32.add (local.get $at) (global.get $unit)))
      (local.set $blacks (i32.add (local.get $blacks) (local.get $black)))
      (local.set $light (i32.sub (i32.const 255) (local.get $black)))
      (if (i32.or (i32.or (local.get $cyan) (local.get $magenta)) (local.get $yellow))
        (then
          (local.set $least
            (select (local.get $cyan) (local.get $magenta) (i32.lt_u (local.get $cyan) (local.get $magenta))))
          (local.set $least
            (select (local.get $yellow) (local.get $least) (i32.lt_u (local.get $yellow) (local.get $least))))
          (local.set $warm
            (select (local.get $magenta) (local.get $yellow) (i32.gt_u (local.get $magenta) (local.get $yellow))))
          (local.set $most
            (select (local.get $cyan) (local.get $warm) (i32.gt_u (local.get $cyan) (local.get $warm))))
          (local.set $cyans (i32.add (local.get $cyans) (local.get $cyan)))
          (local.set $magentas (i32.add (local.get $magentas) (local.get $magenta)))
          (local.set $yellows (i32.add (local.get $yellows) (local.get $yellow)))
          ;; Grey takes more cyan than of the others, for cyan inks are weaker: as much as a quarter is none.
          (local.set $cyan (i32.sub (local.get $most) (i32.shr_u (local.get $warm) (i32.const 2))))
          (local.set $cyan
            (select (local.get $cyan) (local.get $warm) (i32.gt_s (local.get $cyan) (local.get $warm))))
          (local.set $least (i32.mul (i32.sub (local.get $cyan) (local.get $least)) (local.get $light)))
          (local.set $apart
            (select (local.get $least) (local.get $apart) (i32.gt_u (local.get $least) (local.get $apart))))
          (local.set $most (i32.sub (i32.const 255) (local.get $most)))
          (local.set $shade (i32.mul (local.get $most) (local.get $light))))
        (else (local.set $shade (i32.mul (i32.const 255) (local.get $light)))))
      (local.set $lightest
        (select (local.get $shade) (local.get $lightest) (i32.lt_u (local.get $shade) (local.get $lightest))))
      (br_if $pixel (i32.lt_u (local.get $at) (local.get $end))))
    (if (i32.eq (local.get $lightest) (i32.const 65025)) (then (return)))
    (if (i32.gt_u (i32.sub (i32.const 65025) (local.get $lightest)) (i32.mul (i32.const 255) (global.get $white)))
      (then (global.set $marked (i32.const 1))))
    (if (i32.gt_u (local.get $apart) (i32.mul (i32.const 255) (global.get $grey)))
      (then (global.set $coloured (i32.const 1))))
    (call $add (i32.const 0) (local.get $cyans) (local.get $weight))
    (call $add (i32.const 1) (local.get $magentas) (local.get $weight))
    (call $add (i32.const 2) (local.get $yellows) (local.get $weight))
    (call $add (i32.const 3) (local.get $blacks) (local.get $weight)))

  (func $look_bits (param $at i32) (param $n i32) (param $weight i64)
    (local $end i32) (local $ink i32) (local $sum i32)
    (local.set $end (i32.add (local.get $at) (local.get $n)))
    (loop $octet
      (local.set $ink
        (i32.and (i32.xor (i32.load8_u (local.get $at)) (global.get $mask)) (global.get $bits)))
      (local.set $sum (i32.add (local.get $sum) (i32.popcnt (local.get $ink))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $octet (i32.lt_u (local.get $at) (local.get $end))))
    (if (i32.eqz (local.get $sum)) (then (return)))
    (global.set $marked (i32.const 1))
    (call $add (i32.const 3) (local.get $sum) (local.get $weight)))

  ;; Inks of any number; only that of the fourth offset is known to be black.
  (func $look_inks (param $at i32) (param $n i32) (param $weight i64)
    (local $end i32) (local $channel i32)
    (local.set $end (i32.add (local.get $at) (i32.mul (local.get $n) (global.get $unit))))
    (loop $pixel
      (local.set $channel (i32.const 0))
      (loop $ink
        (if (i32.gt_u
              (i32.load8_u
                (i32.add (i32.add (local.get $at) (global.get $first))
                         (i32.mul (local.get $channel) (i32.load (global.get $STEP)))))
              (global.get $white))
          (then
            (global.set $marked (i32.const 1))
            (if (i32.ne (local.get $channel) (global.get $fourth))
              (then (global.set $coloured (i32.const 1))))))
        (local.set $channel (i32.add (local.get $channel) (i32.const 1)))
        (br_if $ink (i32.lt_u (local.get $channel) (i32.load (global.get $CHANNELS)))))
      (local.set $at (i32.add (local.get $at) (global.get $unit)))
      (br_if $pixel (i32.lt_u (local.get $at) (local.get $end)))))

  ;; Lightness, and two axes of colour whose middle is 128.
  (func $look_lab (param $at i32) (param $n i32) (param $weight i64)
    (local $end i32) (local $dark i32) (local $chroma i32)
    (local.set $end (i32.add (local.get $at) (i32.mul (local.get $n) (global.get $unit))))
    (loop $pixel
      (local.set $dark
        (i32.sub (i32.const 255) (i32.load8_u (i32.add (local.get $at) (global.get $first)))))
      (local.set $chroma
        (call $most
          (call $apart (i32.load8_u (i32.add (local.get $at) (global.get $second))) (i32.const 128))
          (call $apart (i32.load8_u (i32.add (local.get $at) (global.get $third))) (i32.const 128))))
      (if (i32.gt_u (call $most (local.get $dark) (local.get $chroma)) (global.get $white))
        (then (global.set $marked (i32.const 1))))
      (if (i32.gt_u (i32.shl (local.get $chroma) (i32.const 1)) (global.get $grey))
        (then (global.set $coloured (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (global.get $unit)))
      (br_if $pixel (i32.lt_u (local.get $at) (local.get $end)))))

  (func $look (param $at i32) (param $n i32) (param $weight i64)
    (block $lab (block $inks (block $bits (block $cmyk (block $rgb (block $grey
      (br_table $grey $rgb $cmyk $bits $inks $lab (global.get $kind)))
      (call $look_grey (local.get $at) (local.get $n) (local.get $weight)) (return))
      (call $look_rgb (local.get $at) (local.get $n) (local.get $weight)) (return))
      (call $look_cmyk (local.get $at) (local.get $n) (local.get $weight)) (return))
      (call $look_bits (local.get $at) (local.get $n) (local.get $weight)) (return))
      (call $look_inks (local.get $at) (local.get $n) (local.get $weight)) (return))
    (call $look_lab (local.get $at) (local.get $n) (local.get $weight)))

  ;; The next `n` pixels of the row; if `repeated`, the one at `at` is all of them. Each stands for `rows` rows.
  (func $see (param $at i32) (param $n i32) (param $repeated i32) (param $rows i64)
    (if (global.get $padded)
      (then (local.set $n (call $within_page (local.get $at) (local.get $n) (local.get $repeated) (local.get $rows)))
            (if (i32.eqz (local.get $n)) (then (return)))))
    (if (local.get $repeated)
      (then
        (call $look (local.get $at) (i32.const 1)
                    (i64.mul (local.get $rows) (i64.extend_i32_u (local.get $n)))))
      (else (call $look (local.get $at) (local.get $n) (local.get $rows)))))

  ;; How many of these pixels are in the page and still to be looked at: what a row holds beyond its width is none,
  ;; and its last octet of eight pixels, which may hold some that are none, is looked at here.
  (func $within_page (param $at i32) (param $n i32) (param $repeated i32) (param $rows i64) (result i32)
    (local $left i32)
    (local.set $left (i32.load (global.get $SEEN_LEFT)))
    (if (i32.gt_u (local.get $n) (local.get $left)) (then (local.set $n (local.get $left))))
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (local.set $left (i32.sub (local.get $left) (local.get $n)))
    (i32.store (global.get $SEEN_LEFT) (local.get $left))
    (if (i32.or (local.get $left) (i32.eq (i32.load (global.get $TAIL)) (i32.const 255)))
      (then (return (local.get $n))))
    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
    (global.set $bits (i32.load (global.get $TAIL)))
    (call $look
      (select (local.get $at) (i32.add (local.get $at) (local.get $n)) (local.get $repeated))
      (i32.const 1) (local.get $rows))
    (global.set $bits (i32.const 255))
    (local.get $n))

  ;; Begins the next row from its first octet, how often it repeats; at most as often as there are rows left.
  (func $begin_row (param $repeat i32)
    (local $left i32)
    (local.set $left (i32.load (global.get $ROWS_LEFT)))
    (if (i32.gt_u (local.get $repeat) (local.get $left))
      (then
        (local.set $repeat (local.get $left))
        (call $cut)))
    (i32.store (global.get $ROWS_LEFT) (i32.sub (local.get $left) (local.get $repeat)))
    (i32.store (global.get $ROW_LEFT) (i32.load (global.get $ROW_UNITS)))
    (i32.store (global.get $SEEN_LEFT) (i32.load (global.get $ROW_SEEN)))
    (i32.store (global.get $REPEAT) (local.get $repeat)))

  (func $cut
    (i32.store (global.get $CUT) (i32.add (i32.load (global.get $CUT)) (i32.const 1))))

  ;; Looks at run-length rows from `at` up to `end`, and returns where the first run that is not whole begins; or
  ;; where the page's data end, if no rows are left.
  (func (export "walk") (param $at i32) (param $end i32) (result i32)
    (local $code i32) (local $n i32) (local $octets i32) (local $row_left i32) (local $rows i64)
    (local $short i32) (local $repeated i32) (local $ink i32) (local $sum i64)
    (call $begin)
    (local.set $short
      (i32.and (i32.eqz (global.get $padded))
        (i32.and (i32.eq (global.get $unit) (i32.const 1))
          (i32.or (i32.eq (global.get $kind) (i32.const 0)) (i32.eq (global.get $kind) (i32.const 3))))))
    (local.set $row_left (i32.load (global.get $ROW_LEFT)))
    (local.set $rows (i64.extend_i32_u (i32.load (global.get $REPEAT))))
    (block $stop
      (loop $run
        (if (i32.eqz (local.get $row_left))
          (then
            (br_if $stop (i32.eqz (i32.load (global.get $ROWS_LEFT))))
            (br_if $stop (i32.ge_u (local.get $at) (local.get $end)))
            (call $begin_row (i32.add (i32.load8_u (local.get $at)) (i32.const 1)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (local.set $row_left (i32.load (global.get $ROW_LEFT)))
            (local.set $rows (i64.extend_i32_u (i32.load (global.get $REPEAT))))))
        (br_if $stop (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $code (i32.load8_u (local.get $at)))
        (if (i32.eq (local.get $code) (i32.const 128))  ;; white to the end of the row
          (then
            (local.set $row_left (i32.const 0))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $run)))
        (if (i32.lt_u (local.get $code) (i32.const 128))
          (then
            (local.set $n (i32.add (local.get $code) (i32.const 1)))
            (local.set $octets (global.get $unit)))
          (else
            (local.set $n (i32.sub (i32.const 257) (local.get $code)))
            (local.set $octets (i32.mul (local.get $n) (global.get $unit)))))
        (local.set $octets (i32.add (local.get $octets) (i32.const 1)))
        (br_if $stop (i32.gt_u (local.get $octets) (i32.sub (local.get $end) (local.get $at))))
        (if (i32.gt_u (local.get $n) (local.get $row_left))
          (then
            (call $cut)
            (local.set $n (local.get $row_left))))
        (local.set $row_left (i32.sub (local.get $row_left) (local.get $n)))
        (local.set $repeated (i32.lt_u (local.get $code) (i32.const 128)))
        ;; One octet that repeats is what most rows of grey or of bits are made of: the short way for it.
        (if (i32.and (local.get $short) (local.get $repeated))
          (then
            (local.set $ink
              (i32.xor (i32.load8_u (i32.add (local.get $at) (i32.const 1))) (global.get $mask)))
            (local.set $at (i32.add (local.get $at) (i32.const 2)))
            (br_if $run (i32.eqz (local.get $ink)))
            (if (global.get $kind)
              (then
                (global.set $marked (i32.const 1))
                (local.set $ink (i32.popcnt (local.get $ink))))
              (else
                (global.set $marked
                  (i32.or (global.get $marked) (i32.gt_u (local.get $ink) (global.get $white))))))
            (local.set $sum
              (i64.add (local.get $sum)
                (i64.mul (i64.extend_i32_u (i32.mul (local.get $ink) (local.get $n))) (local.get $rows))))
            (br $run)))
        (call $see (i32.add (local.get $at) (i32.const 1)) (local.get $n)
                   (local.get $repeated) (local.get $rows))
        (local.set $at (i32.add (local.get $at) (local.get $octets)))
        (br $run)))
    (i32.store (global.get $ROW_LEFT) (local.get $row_left))
    (call $add (i32.const 3) (i32.const 1) (local.get $sum))
    (call $end)
    (local.get $at))

  ;; The same for rows that are not packed: pixel after pixel.
  (func (export "walk_plain") (param $at i32) (param $end i32) (result i32)
    (local $n i32)
    (call $begin)
    (block $stop
      (loop $piece
        (if (i32.eqz (i32.load (global.get $ROW_LEFT)))
          (then
            (br_if $stop (i32.eqz (i32.load (global.get $ROWS_LEFT))))
            (call $begin_row (i32.const 1))))
        (local.set $n
          (call $least (i32.load (global.get $ROW_LEFT))
                       (i32.div_u (i32.sub (local.get $end) (local.get $at)) (global.get $unit))))
        (br_if $stop (i32.eqz (local.get $n)))
        (i32.store (global.get $ROW_LEFT) (i32.sub (i32.load (global.get $ROW_LEFT)) (local.get $n)))
        (call $see (local.get $at) (local.get $n) (i32.const 0) (i64.const 1))
        (local.set $at (i32.add (local.get $at) (i32.mul (local.get $n) (global.get $unit))))
        (br $piece)))
    (call $end)
    (local.get $at))

  ;; Writes whole rows from OUT up to `out_end`, each as often as it repeats, each made at `row` first. Returns as
  ;; walk does, or earlier when no more rows fit.
  (func (export "unpack") (param $at i32) (param $end i32) (param $row i32) (param $out_end i32) (result i32)
    (local $code i32) (local $n i32) (local $octets i32) (local $row_left i32) (local $out i32)
    (local $row_octets i32) (local $to i32)
    (call $begin)
    (local.set $row_octets (i32.mul (i32.load (global.get $ROW_UNITS)) (global.get $unit)))
    (local.set $out (i32.load (global.get $OUT)))
    (block $stop
      (loop $run
        (local.set $row_left (i32.load (global.get $ROW_LEFT)))
        (if (i32.eqz (local.get $row_left))
          (then
            (if (i32.load (global.get $REPEAT))
              (then
                (br_if $stop
                  (i32.gt_u (local.get $row_octets) (i32.sub (local.get $out_end) (local.get $out))))
                (memory.copy (local.get $out) (local.get $row) (local.get $row_octets))
                (local.set $out (i32.add (local.get $out) (local.get $row_octets)))
                (i32.store (global.get $REPEAT)
                  (i32.sub (i32.load (global.get $REPEAT)) (i32.const 1)))
                (br $run)))
            (br_if $stop (i32.eqz (i32.load (global.get $ROWS_LEFT))))
            (br_if $stop (i32.ge_u (local.get $at) (local.get $end)))
            (call $begin_row (i32.add (i32.load8_u (local.get $at)) (i32.const 1)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (local.set $row_left (i32.load (global.get $ROW_LEFT)))))
        (br_if $stop (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $code (i32.load8_u (local.get $at)))
        (local.set $to
          (i32.add (local.get $row)
            (i32.sub (local.get $row_octets) (i32.mul (local.get $row_left) (global.get $unit)))))
        (if (i32.eq (local.get $code) (i32.const 128))
          (then
            (memory.fill (local.get $to) (global.get $mask) (i32.mul (local.get $row_left) (global.get $unit)))
            (i32.store (global.get $ROW_LEFT) (i32.const 0))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $run)))
        (if (i32.lt_u (local.get $code) (i32.const 128))
          (then
            (local.set $n (i32.add (local.get $code) (i32.const 1)))
            (local.set $octets (global.get $unit)))
          (else
            (local.set $n (i32.sub (i32.const 257) (local.get $code)))
            (local.set $octets (i32.mul (local.get $n) (global.get $unit)))))
        (local.set $octets (i32.add (local.get $octets) (i32.const 1)))
        (br_if $stop (i32.gt_u (local.get $octets) (i32.sub (local.get $end) (local.get $at))))
        (if (i32.gt_u (local.get $n) (local.get $row_left))
          (then
            (call $cut)
            (local.set $n (local.get $row_left))))
        (i32.store (global.get $ROW_LEFT) (i32.sub (local.get $row_left) (local.get $n)))
        (if (i32.gt_u (local.get $code) (i32.const 128))
          (then
            (memory.copy (local.get $to) (i32.add (local.get $at) (i32.const 1))
                         (i32.mul (local.get $n) (global.get $unit))))
          (else
            (loop $copy
              (memory.copy (local.get $to) (i32.add (local.get $at) (i32.const 1)) (global.get $unit))
              (local.set $to (i32.add (local.get $to) (global.get $unit)))
              (local.set $n (i32.sub (local.get $n) (i32.const 1)))
              (br_if $copy (local.get $n)))))
        (local.set $at (i32.add (local.get $at) (local.get $octets)))
        (br $run)))
    (i32.store (global.get $OUT) (local.get $out))
    (call $end)
    (local.get $at)))
