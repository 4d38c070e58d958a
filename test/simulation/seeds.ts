/** Seeds by what they are for, and the plans of failures that were found, each told in as few actions as it takes. */

interface Known {
  breaks: string;
  cause: string;
  /** As a failure's report shows it. */
  plan: string;
}

/** All have to pass. */
export const FIXED: readonly number[] = Array.from({length: 80}, (_, index) => index + 1);

/** What they found is mended; the cause says what it was. To keep another, add the lines of its report. */
export const KNOWN: readonly Known[] = [
  {
    breaks: '12 liveness',
    cause: 'a `resync` that storage refuses leaves the stream stopped, and the status says `synced`',
    plan: `seed=1 profiles=1 tabs=1
      5.000 full profile=0 tab=0 key=0 n=0 ms=4000
      5.300 resync profile=0 tab=0 key=0 n=0 ms=0
      5.600 server-edit profile=0 tab=0 key=0 n=0 ms=0`,
  },
  {
    breaks: 'server',
    cause: 'a log that is trimmed before the tail has read it stops every live stream',
    plan: `seed=201818 profiles=1 tabs=3
      3.991 server-write profile=858 tab=86 key=810 n=914 ms=465
      3.991 trim profile=650 tab=460 key=177 n=430 ms=241`,
  },
  {
    breaks: '12 liveness',
    cause: 'a logout that a full disk cut short has every later request refused with its error',
    plan: `seed=359 profiles=1 tabs=3
      92.672 kill-tab profile=126 tab=894 key=74 n=998 ms=15997
      93.480 full profile=344 tab=540 key=450 n=807 ms=4327
      97.193 logout profile=676 tab=778 key=930 n=243 ms=998`,
  },
  {
    breaks: '9 rejection',
    cause: 'a database whose opening fails half-way stays open beside the next one, and tells everything twice',
    plan: `seed=6354 profiles=3 tabs=2 tokenLife=3600000
      1.359 abort profile=342 tab=224 key=905 n=533 ms=20207
      1.558 put profile=243 tab=711 key=737 n=332 ms=28220
      2.266 server-big profile=972 tab=231 key=112 n=646 ms=12307
      2.270 open-tab profile=1 tab=43 key=101 n=16 ms=281
      2.627 disconnect profile=525 tab=459 key=982 n=485 ms=15269
      2.790 server-edit profile=596 tab=869 key=313 n=717 ms=364
      2.892 remove profile=216 tab=925 key=249 n=389 ms=18591
      3.075 freeze profile=293 tab=336 key=750 n=936 ms=381
      3.137 put profile=525 tab=485 key=524 n=620 ms=3143
      3.482 open-tab profile=279 tab=908 key=84 n=438 ms=3139
      3.949 evict profile=624 tab=696 key=201 n=393 ms=4628`,
  },
  {
    breaks: '6 done',
    cause: 'how far the rows of an old history reached counts for answers of the new one',
    plan: `seed=7002 profiles=3 tabs=3 tokenLife=3600000
      7.794 read profile=149 tab=172 key=307 n=841 ms=166
      9.007 read profile=511 tab=685 key=64 n=691 ms=35424
      11.937 server-restart profile=537 tab=900 key=960 n=393 ms=1741
      16.810 read profile=743 tab=846 key=596 n=794 ms=4734
      19.015 read-pairs profile=108 tab=710 key=725 n=827 ms=29643
      23.403 server-restart profile=317 tab=378 key=297 n=455 ms=93
      26.388 connect profile=983 tab=242 key=771 n=712 ms=1466
      29.819 read-own profile=605 tab=274 key=278 n=486 ms=2093
      51.600 read-own profile=151 tab=509 key=328 n=569 ms=391
      57.442 freeze profile=756 tab=83 key=861 n=10 ms=23656
      60.020 server-own profile=239 tab=691 key=88 n=695 ms=4732
      60.745 read profile=429 tab=601 key=248 n=842 ms=443
      65.799 backup profile=110 tab=770 key=884 n=674 ms=19651
      67.559 put profile=6 tab=72 key=837 n=351 ms=18606
      74.505 version-change profile=688 tab=699 key=691 n=996 ms=231
      78.571 retry profile=448 tab=717 key=464 n=788 ms=26172
      81.808 read profile=349 tab=795 key=513 n=269 ms=367
      89.945 force profile=745 tab=903 key=464 n=848 ms=446
      94.856 put profile=59 tab=287 key=182 n=9 ms=3395
      96.157 read profile=491 tab=622 key=278 n=633 ms=23829
      99.531 offline profile=6 tab=280 key=455 n=461 ms=3515
      101.730 read profile=736 tab=73 key=324 n=316 ms=20028
      104.406 reset profile=819 tab=811 key=588 n=880 ms=374
      109.153 open-tab profile=121 tab=782 key=595 n=728 ms=532
      111.318 server-edit profile=685 tab=727 key=357 n=552 ms=341
      112.947 restart-worker profile=361 tab=860 key=123 n=647 ms=23079
      113.548 logout profile=22 tab=294 key=316 n=305 ms=16568
      118.502 read profile=324 tab=897 key=805 n=542 ms=294
      122.369 put profile=889 tab=612 key=270 n=566 ms=33276
      124.039 put profile=421 tab=919 key=923 n=168 ms=14432
      124.769 offline profile=24 tab=238 key=306 n=482 ms=760
      127.866 server-restart profile=820 tab=890 key=65 n=549 ms=4197
      128.577 put profile=176 tab=11 key=178 n=13 ms=20065
      134.553 connect profile=330 tab=961 key=775 n=810 ms=1357
      136.066 read profile=33 tab=979 key=192 n=558 ms=21971
      136.865 read-pairs profile=378 tab=892 key=302 n=496 ms=30676
      137.151 read profile=5 tab=256 key=276 n=13 ms=5457
      140.827 force profile=776 tab=565 key=331 n=313 ms=308
      143.747 server-restart profile=84 tab=777 key=49 n=631 ms=316
      151.790 put profile=830 tab=56 key=929 n=883 ms=33791
      152.955 server-write profile=673 tab=73 key=310 n=217 ms=228
      155.677 force profile=851 tab=396 key=703 n=601 ms=27130
      162.844 server-write profile=332 tab=613 key=893 n=301 ms=1404
      163.977 read-pairs profile=519 tab=354 key=691 n=604 ms=300
      166.308 server-write profile=629 tab=537 key=542 n=758 ms=3022
      170.980 server-own profile=236 tab=913 key=216 n=227 ms=415
      186.027 server-edit profile=49 tab=736 key=550 n=205 ms=3941
      190.834 disconnect profile=701 tab=559 key=616 n=495 ms=12380
      232.406 restore profile=536 tab=864 key=498 n=454 ms=10773
      236.534 backup profile=837 tab=926 key=116 n=857 ms=307
      241.533 duplicate profile=315 tab=454 key=691 n=534 ms=23006
      242.482 remove profile=762 tab=308 key=578 n=482 ms=34880
      270.772 put profile=698 tab=311 key=960 n=626 ms=68
      274.528 put profile=810 tab=982 key=843 n=554 ms=7215`,
  },
];

/** The seed at which each bug is seen first, in the order of BUGS. A change of the simulator moves them. */
export const SEEN_AT: readonly number[] = [1, 1, 4, 42, 10, 2, 1, 1, 1, 2, 5, 167, 42, 1, 1, 148, 133, 1, 1, 4];
